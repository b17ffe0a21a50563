import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestions, triggerAt } from "../../static/js/models/completion.js";

/** @param {string} text with the caret at its end */
const at = (text) => triggerAt(text, text.length);

test("a name is called by an @ at the beginning of a word", () => {
  assert.deepEqual(at("hey @al"), { sign: "@", from: 4, typed: "al" });
  assert.deepEqual(at("@"), { sign: "@", from: 0, typed: "" });
  assert.deepEqual(triggerAt("(@a) and so on", 3), { sign: "@", from: 1, typed: "a" });
  assert.equal(at("ann@example.org"), null);
  assert.equal(at("@ann tea"), null);
});

test("a room is called by a hash, and a heading calls none", () => {
  assert.deepEqual(at("see #lob"), { sign: "#", from: 4, typed: "lob" });
  assert.equal(at("# Heading"), null);
  assert.equal(at("C#"), null);
});

test("an emoji is called by a colon and two letters; a face or a time calls none", () => {
  assert.deepEqual(at("nice :ta"), { sign: ":", from: 5, typed: "ta" });
  for (const text of [":)", ":t", "at 10:30", "note: tea", ":tada:"]) {
    assert.equal(at(text), null, text);
  }
});

test("names that begin so come first, then those with such a word, without regard to accents", () => {
  const known = ["Mary Ann", "Ánna", "Ben", "Andrew", "Andrew"].map((name) => ({ name }));
  /** @param {string} typed */
  const found = (typed) => suggestions(typed, known).map(({ name }) => name);

  assert.deepEqual(found("an"), ["Ánna", "Andrew", "Mary Ann"]);
  assert.deepEqual(found(""), ["Mary Ann", "Ánna", "Ben", "Andrew"]);
});
