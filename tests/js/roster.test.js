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

test("after me stand owners, then moderators, then everyone by name", () => {
  const roster = rosterOf([]);
  const members = [
    { id: 1, name: "Ann" },
    { id: 2, name: "Morgan", role: "moderator" },
    { id: 3, name: "Zoe", role: "owner" },
    { id: 4, name: "Me" },
  ];
  roster.replace({ type: "presence.state", room: "lobby", count: 4, members });

  assert.deepEqual(names(roster.listFor({ id: 4, name: "Me" })), ["Me", "Zoe", "Morgan", "Ann"]);
});

test("a name is found by a part of it, whatever the case and accents", () => {
  const roster = rosterOf(["Zoë", "Émile Zola", "Bob"]);

  assert.deepEqual(names(roster.listFor(null, " ZO ")), ["Émile Zola", "Zoë"]);
  assert.deepEqual(names(roster.listFor(null, "emile")), ["Émile Zola"]);
  assert.deepEqual(names(roster.listFor({ id: 3, name: "Bob" }, "zoe")), ["Zoë"]);
});

test("the list knows whether it is whole, and follows those who come and go", () => {
  const roster = rosterOf(["Ann", "Bob"]);
  assert.ok(roster.isWhole);

  const joined = [{ id: 3, name: "Cy" }];
  const left = [{ id: 1, name: "Ann" }];
  roster.update({ type: "presence.diff", room: "lobby", count: 400, joined, left });

  assert.deepEqual(names(roster.members), ["Bob", "Cy"]);
  assert.ok(!roster.isWhole);
});
