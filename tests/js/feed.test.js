import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Timeline } from "../../static/js/models/timeline.js";
import { Feed } from "../../static/js/realtime/feed.js";
import { Requests } from "../../static/js/realtime/requests.js";
import { FakeLine, FakeRoom, settled } from "./fakes.js";

/** @type {FakeLine} */
let line;
/** @type {FakeRoom} */
let room;
/** @type {Timeline} */
let timeline;
/** @type {Feed} */
let feed;

beforeEach(() => {
  line = new FakeLine();
  room = new FakeRoom();
  const position = { epoch: room.epoch, seq: 0, id: null };
  timeline = new Timeline({ position, messages: [], more: false });
  feed = new Feed({ line, requests: new Requests(line), room: "lobby", timeline });
});

/** Answers the last room.enter as a server would, a few messages at a time. */
async function answer(limit = 100) {
  const command = line.sent.at(-1);
  assert.equal(command?.type, "room.enter");
  line.receive({ ...room.entered(command?.since.seq, limit), ref: command?.ref ?? "" });
  await settled();
}

test("on every connection it asks for what comes after the cursor", async () => {
  room.post("one");

  line.open();
  assert.deepEqual(line.sent[0]?.since, { epoch: "first", seq: 0, id: null });
  await answer();

  assert.equal(feed.isLive, true);
  assert.deepEqual(timeline.messages, room.log);
});

test("it asks again until there is no more", async () => {
  for (let number = 0; number < 5; number += 1) {
    room.post(String(number));
  }

  line.open();
  await answer(2);
  assert.equal(feed.isLive, false);
  await answer(2);
  await answer(2);

  assert.equal(feed.isLive, true);
  assert.deepEqual(timeline.messages, room.log);
});

test("a gap is filled before anything beyond it is shown", async () => {
  line.open();
  await answer();
  room.post("one");
  room.post("two");

  line.receive(room.changes(2));
  assert.deepEqual(timeline.messages, []);
  assert.equal(feed.isLive, false);
  await answer();

  assert.deepEqual(timeline.messages, room.log);
  assert.equal(feed.gapsFilled, 1);
});

test("what is said while it catches up is not lost", async () => {
  room.post("one");
  room.post("two");
  line.open();
  const asked = line.sent.at(-1);
  const entered = { ...room.entered(0), ref: asked?.ref ?? "" };
  room.post("three");
  line.receive(room.changes(3));

  line.receive(entered);
  await settled();

  assert.equal(feed.isLive, true);
  assert.deepEqual(timeline.messages, room.log);
});

test("behind on two heartbeats in a row, it asks", async () => {
  line.open();
  await answer();
  room.post("one");

  line.receive({ type: "heartbeat", heads: { lobby: 1 } });
  assert.equal(feed.isLive, true);
  line.receive({ type: "heartbeat", heads: { lobby: 1 } });
  await answer();

  assert.deepEqual(timeline.messages, room.log);
});

test("a closed room is told, not asked again and again", async () => {
  /** @type {string[]} */
  const refusals = [];
  feed.addEventListener("refused", (event) => {
    refusals.push(/** @type {CustomEvent} */ (event).detail.code);
  });

  line.open();
  line.receive({
    type: "command.rejected",
    ref: line.sent[0]?.ref,
    code: "not_found",
    detail: "Gone.",
  });
  await settled();

  assert.deepEqual(refusals, ["not_found"]);
  assert.equal(line.sent.length, 1);
});

test("a room that is taken away is live no more until it can be entered again", async () => {
  line.open();
  await answer();

  line.receive({ type: "room.removed", room: "cellar" });
  assert.equal(feed.isLive, true);
  line.receive({ type: "room.removed", room: "lobby" });
  assert.equal(feed.isLive, false);
  feed.catchUp();
  await answer();

  assert.equal(feed.isLive, true);
});

test("a room of which nothing is held is entered at its end; older history does not keep it from being live", async () => {
  for (let number = 0; number < 3; number += 1) {
    room.post(String(number));
  }
  const unknown = { epoch: "", seq: 0, id: null };
  timeline = new Timeline({ position: unknown, messages: [], more: false });
  feed = new Feed({ line, requests: new Requests(line), room: "lobby", timeline });
  assert.equal(timeline.isLoaded, false);

  feed.catchUp();
  const command = line.sent.at(-1);
  assert.equal(command?.since, null);
  line.receive({ ...room.entered(1), more: true, ref: command?.ref ?? "" });
  await settled();

  assert.equal(feed.isLive, true);
  assert.equal(timeline.isLoaded, true);
  assert.equal(timeline.more, true);
});
