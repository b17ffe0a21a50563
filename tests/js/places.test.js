import assert from "node:assert/strict";
import { test } from "node:test";
import { matchingPlaces } from "../../static/js/models/places.js";

/** @type {import("../../static/js/models/places.js").Place[]} */
const PLACES = [
  { kind: "room", key: "garden", name: "Garden" },
  { kind: "room", key: "release", name: "Release night", isUnread: true },
  { kind: "room", key: "nightly", name: "Nightly builds" },
  { kind: "person", id: 1, name: "Ágnes" },
];
/** @param {string} typed */
const names = (typed) => matchingPlaces(PLACES, typed).map(({ name }) => name);

test("nothing typed: all of them, unread rooms first", () => {
  assert.deepEqual(names(""), ["Release night", "Garden", "Nightly builds", "Ágnes"]);
});

test("a name that begins with it comes before one that has it later", () => {
  assert.deepEqual(names("nig"), ["Nightly builds", "Release night"]);
  assert.deepEqual(names("ard"), ["Garden"]);
});

test("case, accents and the sign before a name do not matter", () => {
  assert.deepEqual(names("#GARDEN"), ["Garden"]);
  assert.deepEqual(names("@agn"), ["Ágnes"]);
});

test("what nobody is called is not found", () => {
  assert.deepEqual(names("xyz"), []);
});
