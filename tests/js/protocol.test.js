import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CloseCode, Command, Event, isFinal, Reply } from "../../static/js/protocol.js";

/** @param {string} name a module of chat/protocol */
function moduleText(name) {
  return readFileSync(new URL(`../../chat/protocol/${name}.py`, import.meta.url), "utf8");
}

/**
 * @param {string[]} modules of chat/protocol
 * @returns {string[]} the tags of the frames that are defined there
 */
function tagsIn(modules) {
  const text = modules.map(moduleText).join("");
  return [...text.matchAll(/tag="([^"]+)"/g)].map((match) => match[1] ?? "").sort();
}

for (const { modules, names } of [
  {
    modules: ["commands", "commands_about_rooms", "commands_of_moderators"],
    names: Command,
  },
  { modules: ["replies"], names: Reply },
  { modules: ["events"], names: Event },
]) {
  test(`${modules[0]} are those of the server`, () => {
    const tags = tagsIn(modules);

    assert.ok(tags.length > 0);
    assert.deepEqual(Object.values(names).sort(), tags);
  });
}

test("close codes are those of the server", () => {
  const codes = [...moduleText("close_codes").matchAll(/^CLOSE_(\w+) = (\d+)$/gm)].map(
    ([, name, code]) => [name, Number(code)],
  );

  assert.ok(codes.length > 0);
  assert.deepEqual(Object.entries(CloseCode), codes);
});

test("close codes from 4500 on are final, all others mean: come back", () => {
  assert.deepEqual([1000, 1006, 1011, 4000, 4029, 4499, 5000].filter(isFinal), []);
  assert.deepEqual([4500, 4501, 4999].filter(isFinal), [4500, 4501, 4999]);
});
