import assert from "node:assert/strict";
import { test } from "node:test";
import { Faces } from "../../static/js/models/faces.js";
import { KnownNames } from "../../static/js/models/known-names.js";
import { RoomDirectory } from "../../static/js/models/room-directory.js";
import { endOf } from "../../static/js/models/statuses.js";

/** @param {Faces} faces */
function changesOf(faces) {
  /** @type {{ ids: number[], isRenamed: boolean }[]} */
  const changes = [];
  faces.addEventListener("change", (event) => {
    changes.push(/** @type {CustomEvent} */ (event).detail);
  });
  return changes;
}

test("only what looks different is told", () => {
  const faces = new Faces();
  const changes = changesOf(faces);

  faces.note([{ id: 1, name: "Ada" }]);
  faces.note([
    { id: 1, name: "Ada" },
    { id: 2, name: "Bob", picture: "/pictures/2-a.webp" },
  ]);
  faces.note([{ id: 2, name: "Bob" }]);

  assert.deepEqual(changes, [
    { ids: [1], isRenamed: true },
    { ids: [2], isRenamed: true },
    { ids: [2], isRenamed: false },
  ]);
});

test("a status is taken away when it is over", () => {
  const faces = new Faces();
  const until = "2026-01-05T10:00:00Z";
  faces.note([
    { id: 1, name: "Ada", status: { text: "Lunch", until } },
    { id: 2, name: "Bob", status: { text: "Always" } },
  ]);
  const changes = changesOf(faces);
  assert.equal(faces.nextEnd, Date.parse(until));

  faces.expire(Date.parse(until) - 1);
  assert.deepEqual(changes, []);
  faces.expire(Date.parse(until));

  assert.deepEqual(changes, [{ ids: [1], isRenamed: false }]);
  assert.equal(faces.get(1)?.status, undefined);
  assert.equal(faces.nextEnd, Number.POSITIVE_INFINITY);
});

test("what the server told of a name goes before what a message says", () => {
  const faces = new Faces();
  const names = new KnownNames(faces);
  names.note({ id: 1, name: "Ada" }, 5);
  const before = names.version;

  faces.note([{ id: 1, name: "Augusta", handle: "ada_l" }]);
  names.note({ id: 1, name: "Ada" }, 9);

  assert.equal(names.of({ id: 1, name: "Ada" }), "Augusta");
  assert.ok(names.version > before);
  assert.deepEqual(names.members, [
    { id: 1, name: "Augusta" },
    { id: 1, name: "Augusta", text: "ada_l" },
  ]);
});

test("a room that is let go of hears nothing more", () => {
  const faces = new Faces();
  const names = new KnownNames(faces);
  names.close();

  faces.note([{ id: 1, name: "Ada" }]);

  assert.equal(names.version, 0);
});

test("a conversation is called by those who are in it", () => {
  const faces = new Faces();
  const members = [
    { id: 1, name: "Ada" },
    { id: 2, name: "Bob" },
  ];
  const directory = new RoomDirectory([
    { key: "direct-1", name: "Ada, Bob", kind: "direct", members },
    { key: "lobby", name: "Ada", kind: "public" },
  ]);
  faces.note([{ id: 1, name: "Augusta" }]);

  directory.rename(faces);

  assert.equal(directory.nameOf("direct-1"), "Augusta, Bob");
  assert.equal(directory.nameOf("lobby"), "Ada");
});

test("a status ends when its owner's day or week does", () => {
  const wednesday = new Date(2026, 0, 7, 15, 30).getTime();
  const sunday = new Date(2026, 0, 11, 23, 59).getTime();

  assert.equal(endOf("half", wednesday), new Date(2026, 0, 7, 16, 0).getTime());
  assert.equal(endOf("day", wednesday), new Date(2026, 0, 8).getTime());
  assert.equal(endOf("week", wednesday), new Date(2026, 0, 12).getTime());
  assert.equal(endOf("week", sunday), new Date(2026, 0, 12).getTime());
  assert.equal(endOf("", wednesday), null);
});
