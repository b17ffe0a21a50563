import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CloseCode, Command, Event, isFinal, Reply } from "../../static/js/protocol.js";

const python = readFileSync(new URL("../../chat/protocol.py", import.meta.url), "utf8");

/**
 * @param {string} heading a part of chat/protocol.py
 * @returns {string[]} the tags of the frames that are defined there
 */
function tagsUnder(heading) {
  const part = python.split(/^# --- /m).find((text) => text.startsWith(heading)) ?? "";
  return [...part.matchAll(/tag="([^"]+)"/g)].map((match) => match[1] ?? "").sort();
}

for (const { heading, names } of [
  { heading: "Commands", names: Command },
  { heading: "Replies", names: Reply },
  { heading: "Events", names: Event },
]) {
  test(`${heading.toLowerCase()} are those of the server`, () => {
    const tags = tagsUnder(heading);

    assert.ok(tags.length > 0);
    assert.deepEqual(Object.values(names).sort(), tags);
  });
}

test("close codes are those of the server", () => {
  const codes = [...python.matchAll(/^CLOSE_(\w+) = (\d+)$/gm)].map(([, name, code]) => [
    name,
    Number(code),
  ]);

  assert.ok(codes.length > 0);
  assert.deepEqual(Object.entries(CloseCode), codes);
});

test("close codes from 4500 on are final, all others mean: come back", () => {
  assert.deepEqual([1000, 1006, 1011, 4000, 4029, 4499, 5000].filter(isFinal), []);
  assert.deepEqual([4500, 4501, 4999].filter(isFinal), [4500, 4501, 4999]);
});
