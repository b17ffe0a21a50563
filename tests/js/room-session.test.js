import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { RoomSession } from "../../static/js/models/room-session.js";
import { roomsWithQueue } from "../../static/js/models/stored-queue.js";
import { Requests } from "../../static/js/realtime/requests.js";
import { FakeLine, FakeRoom, FakeStorage, FakeTimers, settled } from "./fakes.js";

/** @import { SessionParts } from "../../static/js/models/room-session.js" */

/** @type {FakeLine} */
let line;
/** @type {FakeStorage} */
let storage;
/** @type {FakeRoom} */
let room;
/** @type {SessionParts} */
let parts;

const BEN = { author: { id: 2, name: "Ben" } };
const tabs = { claim: async () => true, open: async () => new Set(["tab"]) };

beforeEach(() => {
  line = new FakeLine();
  storage = new FakeStorage();
  room = new FakeRoom();
  parts = {
    line,
    requests: new Requests(line, new FakeTimers()),
    me: { id: 1, name: "Ann" },
    storage,
    tabStorage: new FakeStorage(),
    tabs,
    newId: () => "tab",
  };
});

/** @param {number | null} read */
function opened(read) {
  const session = new RoomSession({ key: "lobby", name: "Lobby", read }, parts);
  session.feed.catchUp();
  return session;
}

/** As a server answers that gives the last page. */
async function answer() {
  const command = line.sent.findLast(({ type }) => type === "room.enter");
  line.receive({ ...room.entered(command?.since?.seq ?? 0), ref: command?.ref ?? "" });
  await settled();
}

test("someone who was never in a room has missed nothing there", async () => {
  room.post("said long ago", BEN);
  const session = opened(null);

  await answer();

  assert.equal(session.unread.count(session.timeline).count, 0);
  assert.equal(session.unread.newFrom, null);
});

test("the unread line stands where the reading ended", async () => {
  room.post("read", BEN);
  room.post("not read", BEN);
  const session = opened(1);

  await answer();

  assert.equal(session.unread.count(session.timeline).count, 1);
  assert.equal(session.unread.newFrom, 2);
});

test("a room that is not there is missing; one that is taken away later is not", async () => {
  const session = opened(null);
  const { ref } = line.sent.at(-1) ?? {};
  line.receive({
    type: "command.rejected",
    ref,
    code: "not_found",
    detail: "There is no such room.",
  });
  await settled();
  assert.equal(session.isMissing, true);

  const other = opened(null);
  await answer();
  line.receive({ type: "room.removed", room: "lobby" });
  assert.equal(other.isMissing, false);
});

test("what is written in a room that was left is sent without entering it", async () => {
  const session = opened(null);
  await answer();
  session.feed.leave();
  session.outbox.add({ client_id: "c-9", body: "From afar" });

  session.delivery.run();
  await settled();

  assert.equal(line.sent.at(-1)?.type, "message.send");
  assert.deepEqual(roomsWithQueue(storage, "outbox", 1), ["lobby"]);
});

test("a session that was closed hears nothing more", async () => {
  const session = opened(null);
  await answer();
  session.close();
  const sent = line.sent.length;

  line.close();
  line.open();
  line.receive(room.changes(room.post("later", BEN)));

  assert.equal(line.sent.length, sent);
  assert.deepEqual(session.timeline.messages, []);
});
