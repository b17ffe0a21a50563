import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { RoomSession } from "../../static/js/models/room-session.js";
import { Requests } from "../../static/js/realtime/requests.js";
import { CurrentRoom } from "../../static/js/shell/current-room.js";
import { ROOMS_ENTERED, ROOMS_HELD, RoomSessions } from "../../static/js/shell/room-sessions.js";
import { FakeLine, FakeRoom, FakeStorage, FakeTimers, settled } from "./fakes.js";

/** @type {FakeLine} */
let line;
/** @type {RoomSessions} */
let sessions;

const tabs = { claim: async () => true, open: async () => new Set(["tab"]) };

beforeEach(() => {
  line = new FakeLine();
  const parts = {
    line,
    requests: new Requests(line, new FakeTimers()),
    me: { id: 1, name: "Ann" },
    storage: new FakeStorage(),
    tabStorage: new FakeStorage(),
    tabs,
    newId: () => "tab",
  };
  sessions = new RoomSessions(
    (key) => new RoomSession({ key, name: key.toUpperCase() }, parts, { isFollowing: false }),
    line,
  );
});

/** @param {string} type */
function roomsOf(type) {
  return line.sent.filter((frame) => frame.type === type).map(({ room }) => room);
}

/** Answers every room.enter that has no answer yet. */
async function answer(room = new FakeRoom()) {
  for (const { ref, room: key, type } of line.sent.splice(0)) {
    if (type === "room.enter") {
      line.receive({ ...room.entered(0), room: key, ref: ref ?? "" });
    }
  }
  await settled();
}

/** @param {number} count */
function names(count) {
  return Array.from({ length: count }, (_, index) => `room-${index}`);
}

test("a room is entered when it is opened, and stays entered when another one is", async () => {
  const lobby = sessions.open("lobby");
  await answer();
  sessions.open("garden");

  assert.deepEqual(roomsOf("room.enter"), ["garden"]);
  assert.deepEqual(roomsOf("room.leave"), []);
  assert.equal(sessions.open("lobby"), lobby);
  assert.deepEqual(roomsOf("room.enter"), ["garden"]);
});

test("only those that were shown last stay entered; the others keep what they had", async () => {
  const all = names(ROOMS_ENTERED + 1);
  const [first = ""] = all;
  const room = new FakeRoom();
  room.post("said");
  for (const key of all) {
    sessions.open(key);
    await answer(room);
  }

  assert.equal(sessions.get(first)?.feed.isFollowing, false);
  assert.equal(sessions.get(first)?.timeline.messages.length, 1);
  sessions.open(first);
  assert.deepEqual(line.sent.at(-2)?.since, { epoch: "first", seq: 1, id: "id-1" });
  assert.deepEqual(roomsOf("room.leave"), [all[1]]);
});

test("of a room that was shown long ago nothing is held", async () => {
  const all = names(ROOMS_ENTERED + ROOMS_HELD + 3);
  /** @type {string[]} */
  const closed = [];
  sessions.addEventListener("close", (event) => {
    closed.push(/** @type {CustomEvent} */ (event).detail.key);
  });
  for (const key of all) {
    sessions.open(key);
    await answer();
  }

  assert.deepEqual(closed, all.slice(0, 3));
  assert.equal(sessions.all.length, ROOMS_ENTERED + ROOMS_HELD);
});

test("on a new connection the room on the screen is entered first, then those that were", async () => {
  const all = names(ROOMS_ENTERED + 2);
  for (const key of all) {
    sessions.open(key);
    await answer();
  }

  line.close();
  line.open();

  assert.deepEqual(roomsOf("room.enter"), [all.at(-1)]);
  await answer();
  assert.deepEqual(roomsOf("room.enter").sort(), all.slice(2, -1));
});

test("a room that is left while it is being entered is left once more after the answer", async () => {
  const session = sessions.open("lobby");
  session.feed.leave();
  assert.deepEqual(roomsOf("room.leave"), ["lobby"]);

  await answer();

  assert.equal(session.feed.isLive, false);
  assert.deepEqual(roomsOf("room.leave"), ["lobby"]);
});

test("a room that is left and opened again at once is entered again, and live only then", async () => {
  const session = sessions.open("lobby");
  const [first] = line.sent.splice(0);
  session.feed.leave();
  session.feed.follow();
  line.sent.splice(0);

  line.receive({ ...new FakeRoom().entered(0), ref: first?.ref ?? "" });
  await settled();

  assert.equal(session.feed.isLive, false);
  assert.deepEqual(roomsOf("room.enter"), ["lobby"]);
  await answer();
  assert.equal(session.feed.isLive, true);
});

test("what everyone hears of a room reaches that room; what I hear of myself reaches all", () => {
  const lobby = sessions.open("lobby");
  const garden = sessions.open("garden");

  sessions.receive({ type: "room.rules", room: "garden", locked: true, slow_s: 0 });
  sessions.receive({ type: "standing", role: "moderator" });

  assert.equal(lobby.permissions.locked, false);
  assert.equal(garden.permissions.locked, true);
  assert.ok(lobby.permissions.isModerator && garden.permissions.isModerator);
});

test("what follows the room on the screen lets go of the one before", () => {
  const [lobby, garden] = [sessions.open("lobby"), sessions.open("garden")];
  const current = new CurrentRoom(lobby);
  /** @type {string[]} */
  const seen = [];
  current.follow((session, signal) => {
    seen.push(`in ${session.key}`);
    signal.addEventListener("abort", () => seen.push(`out of ${session.key}`));
  });

  current.show(garden);
  current.show(garden);

  assert.deepEqual(seen, ["in lobby", "out of lobby", "in garden"]);
});
