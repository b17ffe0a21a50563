import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { RoomDirectory } from "../../static/js/models/room-directory.js";

/** @import { RoomEntry } from "../../static/js/protocol.js" */

/** @type {RoomDirectory} */
let directory;
let changes = 0;

beforeEach(() => {
  directory = new RoomDirectory([
    { key: "lobby", name: "Lobby", read: 5, said: 5 },
    { key: "garden", name: "Garden", read: null, said: 9 },
  ]);
  changes = 0;
  directory.addEventListener("change", () => {
    changes += 1;
  });
});

/**
 * @param {string} room
 * @param {Partial<RoomEntry>} rest
 * @returns {RoomEntry}
 */
function entry(room, rest = {}) {
  return { room, name: room, kind: "public", head: 0, ...rest };
}

function keys() {
  return directory.all.map(({ key }) => key);
}

test("before the server tells the list, the page's own is there", () => {
  assert.deepEqual(keys(), ["lobby", "garden"]);
  assert.equal(directory.unread("lobby").isUnread, false);
  assert.equal(directory.unread("garden").isUnread, false);

  directory.receive({ type: "heartbeat", said: { lobby: 6, garden: 10 } });

  assert.deepEqual(directory.unread("lobby"), { isUnread: true, count: 0, mentions: 0 });
  assert.equal(directory.unread("garden").isUnread, false);
});

test("a long list comes in parts, and replaces the one before when it is whole", () => {
  directory.receive({ type: "hello" });
  directory.receive({ type: "rooms.state", rooms: [entry("a")], more: true });
  assert.deepEqual(keys(), ["lobby", "garden"]);

  directory.receive({ type: "rooms.state", rooms: [entry("b", { unread: 3 })] });

  assert.deepEqual(keys(), ["a", "b"]);
  assert.deepEqual(directory.unread("b"), { isUnread: true, count: 3, mentions: 0 });
  assert.equal(changes, 1);
});

test("a part that the connection did not live to complete counts for nothing", () => {
  directory.receive({ type: "rooms.state", rooms: [entry("gone")], more: true });
  directory.receive({ type: "hello" });
  directory.receive({ type: "rooms.state", rooms: [entry("a")] });

  assert.deepEqual(keys(), ["a"]);
});

test("activity and updates change what they name, and leave the rest", () => {
  directory.receive({
    type: "rooms.state",
    rooms: [entry("a", { head: 7, read: 7 }), entry("c")],
  });

  directory.receive({ type: "room.activity", room: "a", head: 9, unread: 2, mentions: 1 });
  assert.deepEqual(directory.unread("a"), { isUnread: true, count: 2, mentions: 1 });
  directory.receive({ type: "room.updated", room: "a", read: 9, unread: 0, mentions: 0 });
  assert.equal(directory.unread("a").isUnread, false);
  assert.equal(directory.get("a")?.name, "a");

  directory.receive({ type: "room.updated", ...entry("b") });
  directory.receive({ type: "room.activity", room: "unknown", head: 4 });
  assert.deepEqual(keys(), ["a", "b", "c"]);
  directory.receive({ type: "room.removed", room: "a" });
  assert.deepEqual(keys(), ["b", "c"]);
});

test("what I read here is read, without waiting for the server", () => {
  directory.receive({
    type: "rooms.state",
    rooms: [entry("a", { head: 9, read: 5, unread: 3 })],
  });

  directory.read("a", 7);
  assert.equal(directory.unread("a").count, 3);
  directory.read("a", 9);
  assert.equal(directory.unread("a").isUnread, false);
  directory.read("a", 3);
  assert.equal(directory.get("a")?.read, 9);
});

test("what is in the list stays in its place; what is new comes by its name", () => {
  directory.receive({
    type: "rooms.state",
    rooms: [entry("garden", { name: "Garden" }), entry("attic"), entry("lobby", { name: "Lobby" })],
  });

  assert.deepEqual(keys(), ["attic", "lobby", "garden"]);
});
