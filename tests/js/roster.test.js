import assert from "node:assert/strict";
import { test } from "node:test";
import { Roster } from "../../static/js/models/roster.js";

/** @param {string[]} names */
function rosterOf(names) {
  const roster = new Roster();
  const members = names.map((name, index) => ({ id: index + 1, name }));
  roster.replace({ type: "presence.state", room: "lobby", count: names.length, members });
  return roster;
}

/** @param {{ name: string }[]} members */
const names = (members) => members.map(({ name }) => name);

test("names stand as people count and spell", () => {
  const roster = rosterOf(["Guest 10", "zoe", "Guest 2", "Émile", "Zadie", "emma", "guest 1"]);

  assert.deepEqual(names(roster.members), [
    "Émile",
    "emma",
    "guest 1",
    "Guest 2",
    "Guest 10",
    "Zadie",
    "zoe",
  ]);
});

test("the same name but for its case keeps one order", () => {
  assert.deepEqual(names(rosterOf(["ann", "Ann", "ANN"]).members), ["ann", "Ann", "ANN"]);
});

test("I stand first, even where the list is cut and I am not in it", () => {
  const roster = rosterOf(["Ada", "Bob", "Cy"]);

  assert.deepEqual(names(roster.listFor({ id: 3, name: "Cy" })), ["Cy", "Ada", "Bob"]);
  assert.deepEqual(names(roster.listFor({ id: 9, name: "Zed" })), ["Zed", "Ada", "Bob", "Cy"]);
  assert.deepEqual(names(roster.listFor(null)), ["Ada", "Bob", "Cy"]);
});
