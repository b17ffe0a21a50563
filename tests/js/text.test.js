import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isEmoji, isOnlyEmoji } from "../../static/js/helpers/emoji.js";
import { addressesIn } from "../../static/js/helpers/links.js";
import { cleanText, lengthOf, listed, mentions } from "../../static/js/helpers/text.js";

test("emoji alone are recognised, with skin, flags and families", () => {
  assert.deepEqual(
    ["🎉", "👍🏽 👍", "🇳🇱", "👩‍👩‍👧", "❤️"].filter((text) => !isOnlyEmoji(text)),
    [],
  );
  assert.deepEqual(["", " ", "12", "ok 👍", "#", "👍".repeat(25)].filter(isOnlyEmoji), []);
});

test("what a system's picker types is taken: key caps, letters, flags of tags", () => {
  assert.deepEqual(
    ["1️⃣", "ℹ️", "Ⓜ️", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "🏽"].filter(
      (text) => !isEmoji(text),
    ),
    [],
  );
  assert.deepEqual(["\u200d", "\ufe0f", "🎉 🎉", "🇳", "5"].filter(isEmoji), []);
});

test("a name is mentioned as a whole, in any case", () => {
  assert.ok(mentions("hey @ann, tea?", "Ann"));
  assert.ok(mentions("@Ann", "Ann"));
  assert.ok(!mentions("hey @annette", "Ann"));
  assert.ok(!mentions("hey Ann", "Ann"));
});

test("nobody is called in code, in an address or in a link", () => {
  const silent = [
    "see https://a.example/@ann",
    "mail me@ann.example, or x.@ann",
    "`@ann` and ```\n@ann\n```",
    "``a ` @ann``",
    "[@ann](https://a.example/)",
    "[x](https://a.example/@ann)",
    "<mailto:x@ann>",
    "npm i @ann/tools @ann.example @ann@example.org",
    "git@ann:tools.git",
  ];
  assert.deepEqual(
    silent.filter((text) => mentions(text.replace("@ann/tools", ""), "Ann")),
    [],
  );
});

test("somebody is called next to any mark, and between words without spaces", () => {
  const calls = [
    "(@ann)",
    "**@ann**",
    "_@ann_,",
    "“@ann”",
    "你好@ann",
    "`x` @ann.",
    "@Ann: hi",
    "@ann's",
  ];
  assert.deepEqual(
    calls.filter((text) => !mentions(text, "Ann")),
    [],
  );
});

test("an address ends where the server says so too", () => {
  /** @type {[string, string[]][]} */
  const cases = JSON.parse(readFileSync(new URL("addresses.json", import.meta.url), "utf8"));
  for (const [text, addresses] of cases) {
    assert.deepEqual(
      addressesIn(text).map(([from, to]) => text.slice(from, to)),
      addresses,
      text,
    );
  }
});

test("length is counted in code points, as the server does", () => {
  assert.equal(lengthOf("a👍"), 2);
});

test("lists read like sentences", () => {
  assert.equal(listed(["Ann", "Ben"]), "Ann and Ben");
  assert.equal(listed(["Ann", "Ben", "Cy", "Di"]), "Ann, Ben, and 2 others");
});

test("what was pasted is kept, with one kind of line end and without what cannot be stored", () => {
  for (const [pasted, kept] of [
    ["a title\u000b\r\nits text\u2028and more", "a title\n\nits text\nand more"],
    ["a\u0007 bell, \u009b1;31mred\u001b[0m\u0085 and NUL\u0000", "a bell, red\n and NUL"],
    ["page\u000cbreak \ufdd0\u{1ffff}\u0008", "page\nbreak "],
    ["half \ud83d and \udc4d, whole 👍", "half  and , whole 👍"],
    ["\ttab, 👩‍👧 \u202e", "\ttab, 👩‍👧 \u202e"],
    ["old Mac\rline", "old Mac\nline"],
  ]) {
    assert.equal(cleanText(pasted ?? ""), kept);
  }
});
