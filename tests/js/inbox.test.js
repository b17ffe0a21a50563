import assert from "node:assert/strict";
import { test } from "node:test";
import { Inbox } from "../../static/js/models/inbox.js";
import { RoomDirectory } from "../../static/js/models/room-directory.js";
import { UnreadRooms } from "../../static/js/models/unread-rooms.js";

/** @import { InboxEntry } from "../../static/js/protocol.js" */
/** @import { ListedRoom } from "../../static/js/models/room-directory.js" */

const ANN = { id: 2, name: "Ann" };

/** @param {Partial<ListedRoom>[]} rooms */
function inboxWith(...rooms) {
  const listed = rooms.map((room) => ({ name: "", ...room, key: room.key ?? "" }));
  const directory = new RoomDirectory(listed);
  const none = { get: () => undefined };
  const unreadRooms = new UnreadRooms({ directory, sessions: none });
  return { directory, unreadRooms, inbox: new Inbox({ directory, rooms: unreadRooms }) };
}

/**
 * @param {number} number
 * @param {string} room
 * @param {Partial<InboxEntry>} more
 * @returns {InboxEntry}
 */
function entry(number, room, more = {}) {
  const at = `2026-01-01T10:${String(number).padStart(2, "0")}:00Z`;
  return { number, kind: "mention", room, seq: number, author: ANN, text: "", at, ...more };
}

/**
 * @param {Inbox} inbox
 * @param {...InboxEntry} entries
 */
function told(inbox, ...entries) {
  const waiting = entries.map(({ number, room, seq }) => ({ number, room, seq }));
  const head = Math.max(0, ...waiting.map(({ number }) => number));
  inbox.update({ type: "inbox.updated", head, read: 0, unread: waiting.length, waiting });
}

/** @param {InboxEntry[]} items @param {InboxEntry[]} direct */
function page(items, direct = [], more = false) {
  return /** @type {const} */ ({
    type: "inbox.page",
    ref: "1",
    items,
    direct,
    more,
    head: 9,
    read: 0,
  });
}

test("what waits is counted until its room is read that far", () => {
  const { inbox, directory } = inboxWith({ key: "lobby", read: 0, head: 9 });
  told(inbox, entry(1, "lobby"), entry(2, "lobby"), entry(3, "garden"));
  assert.equal(inbox.count(), 3);
  assert.equal(inbox.count({ except: "lobby" }), 1);

  directory.read("lobby", 1);

  assert.equal(inbox.count(), 2);
  assert.equal(inbox.isUnread(entry(1, "lobby")), false);
  assert.equal(inbox.isUnread(entry(2, "lobby")), true);
});

test("one is marked, then all", () => {
  const { inbox } = inboxWith();
  told(inbox, entry(1, "a"), entry(2, "a"));

  inbox.markOne(1);
  assert.deepEqual([inbox.count(), inbox.isUnread(entry(1, "a"))], [1, false]);
  inbox.markAll();
  assert.equal(inbox.count(), 0);
});

test("a direct conversation counts once, unless nothing is to be heard of it", () => {
  const direct = { kind: "direct", read: 1, unread: 5, head: 6 };
  const { inbox, directory } = inboxWith({ key: "d", ...direct });
  told(inbox, entry(1, "d"));

  assert.equal(inbox.count(), 1);
  assert.deepEqual(inbox.unreadDirect, ["d"]);
  directory.note("d", { notify: "none" });
  assert.deepEqual(inbox.unreadDirect, []);
});

test("entries stand newest first, direct messages among them, none of them twice", () => {
  const { inbox } = inboxWith();
  const direct = [entry(0, "d", { kind: "direct", at: "2026-01-01T10:01:30Z", seq: 7 })];

  inbox.take(page([entry(1, "a"), entry(2, "a")], direct));
  assert.deepEqual(
    inbox.entries.map(({ number }) => number),
    [2, 0, 1],
  );

  inbox.take(page([entry(1, "a"), entry(2, "d", { seq: 7 })], direct));
  assert.deepEqual(
    inbox.entries.map(({ number }) => number),
    [2, 1],
  );
});

test("older pages stay when the newest is loaded again, and what was deleted goes", () => {
  const { inbox } = inboxWith();
  inbox.take(page([entry(8, "a"), entry(9, "a")], [], true));
  inbox.takeOlder(page([entry(1, "a")]));
  assert.equal(inbox.more, false);

  inbox.take(page([entry(8, "a"), entry(10, "a")], [], true));

  assert.deepEqual(
    inbox.entries.map(({ number }) => number),
    [10, 8, 1],
  );
  assert.equal(inbox.more, false);
});

test("a room that is not in the list has the name that was heard", () => {
  const { directory } = inboxWith({ key: "a", name: "Attic" });
  directory.noteName("b", "Bakery");
  directory.noteName("a", "Old");

  assert.deepEqual(
    ["a", "b", "c"].map((key) => directory.nameOf(key)),
    ["Attic", "Bakery", "c"],
  );
});

test("a room obeys its level of notifications", () => {
  const room = { key: "a", read: 1, unread: 4, mentions: 1 };
  const { unreadRooms, directory } = inboxWith(room);
  assert.deepEqual(unreadRooms.in("a"), { isUnread: true, count: 4, mentions: 1 });

  directory.note("a", { notify: "mentions" });
  assert.deepEqual(unreadRooms.in("a"), { isUnread: true, count: 1, mentions: 1 });
  directory.note("a", { notify: "mentions", mentions: 0 });
  assert.equal(unreadRooms.in("a").isUnread, false);
  directory.note("a", { notify: "none", mentions: 1 });
  assert.deepEqual(unreadRooms.in("a"), { isUnread: false, count: 0, mentions: 0 });
});

test("a conversation that is set aside is read until it goes on, or comes back", () => {
  const { inbox, directory } = inboxWith({
    key: "ann",
    kind: "direct",
    head: 3,
    read: 0,
    unread: 3,
  });
  assert.deepEqual(inbox.unreadDirect, ["ann"]);

  inbox.setAside(new Map([["ann", 3]]));
  assert.equal(inbox.count(), 0);
  directory.note("ann", { head: 4, unread: 4 });
  assert.equal(inbox.count(), 1);

  directory.note("ann", { head: 3, unread: 3 });
  inbox.setAside(new Map());
  assert.equal(inbox.count(), 1);
});

test("marking all tells which items were unread", () => {
  const { inbox } = inboxWith({ key: "lobby", read: 1, head: 9 });
  told(inbox, entry(1, "lobby"), entry(2, "lobby"), entry(3, "garden"));

  assert.deepEqual(inbox.markAll(), [2, 3]);
  assert.equal(inbox.count(), 0);
});
