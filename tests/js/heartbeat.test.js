import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Heartbeat } from "../../static/js/realtime/heartbeat.js";
import { FakeTimers } from "./fakes.js";

/** @type {FakeTimers} */
let timers;
/** @type {Heartbeat} */
let heartbeat;
/** @type {string[]} */
let events;

beforeEach(() => {
  timers = new FakeTimers();
  heartbeat = new Heartbeat(timers);
  events = [];
  for (const name of ["dead", "probe"]) {
    heartbeat.addEventListener(name, () => events.push(name));
  }
});

test("35 seconds of silence are a dead connection", () => {
  heartbeat.start();
  timers.pass(34_999);
  assert.deepEqual(events, []);

  timers.pass(1);

  assert.deepEqual(events, ["dead"]);
});

test("every frame is a sign of life", () => {
  heartbeat.start();
  for (let beat = 0; beat < 10; beat += 1) {
    timers.pass(25_000);
    heartbeat.heard();
  }

  assert.deepEqual(events, []);
});

test("a probe must be answered within 3 seconds", () => {
  heartbeat.start();
  heartbeat.probe();
  timers.pass(3_000);

  assert.deepEqual(events, ["probe", "dead"]);
});

test("an answered probe changes nothing", () => {
  heartbeat.start();
  heartbeat.probe();
  timers.pass(2_000);
  heartbeat.heard();
  timers.pass(30_000);

  assert.deepEqual(events, ["probe"]);
});

test("a stopped heart notices nothing", () => {
  heartbeat.start();
  heartbeat.stop();
  heartbeat.heard();
  heartbeat.probe();
  timers.pass(100_000);

  assert.deepEqual(events, []);
});
