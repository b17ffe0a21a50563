import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Rejected, Requests, Unanswered } from "../../static/js/realtime/requests.js";
import { FakeLine, FakeTimers } from "./fakes.js";

/** @type {FakeLine} */
let line;
/** @type {FakeTimers} */
let timers;
/** @type {Requests} */
let requests;

beforeEach(() => {
  line = new FakeLine();
  timers = new FakeTimers();
  requests = new Requests(line, timers);
});

test("each command gets the reply that bears its ref, in whatever order they come", async () => {
  const first = requests.ask({ type: "ping" });
  const second = requests.ask({ type: "ping" });
  const [one, two] = line.sent;

  line.receive({ type: "pong", ref: two?.ref, time: "later" });
  line.receive({ type: "pong", ref: one?.ref, time: "sooner" });

  assert.equal((await first).time, "sooner");
  assert.equal((await second).time, "later");
});

test("a refusal brings its code and when to try again", async () => {
  const asked = requests.ask({ type: "message.send" });
  const ref = line.sent[0]?.ref;
  line.receive({ type: "command.rejected", ref, code: "busy", detail: "Later.", retry_ms: 300 });

  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof Rejected);
    assert.deepEqual([error.code, error.message, error.retryMs], ["busy", "Later.", 300]);
    return true;
  });
});

test("without a connection nothing is asked", async () => {
  line.close();

  await assert.rejects(requests.ask({ type: "ping" }), Unanswered);
  assert.deepEqual(line.sent, []);
});

test("a lost connection leaves the open ones unanswered", async () => {
  const asked = requests.ask({ type: "ping" });

  line.close();

  await assert.rejects(asked, Unanswered);
});

test("no reply within 15 seconds is no reply", async () => {
  const asked = requests.ask({ type: "ping" });

  timers.pass(15_000);

  await assert.rejects(asked, Unanswered);
});

test("frames without a ref, or with an unknown one, are nobody's reply", async () => {
  const asked = requests.ask({ type: "ping" });
  line.receive({ type: "heartbeat", heads: {} });
  line.receive({ type: "pong", ref: "unknown" });
  line.receive({ type: "pong", ref: line.sent[0]?.ref, time: "now" });

  assert.equal((await asked).time, "now");
});

test("a refusal without a ref is the answer to the oldest command that waits", async () => {
  const first = requests.ask({ type: "message.send" });
  const second = requests.ask({ type: "ping" });

  line.receive({ type: "command.rejected", ref: null, code: "bad_frame", detail: "No JSON." });
  line.receive({ type: "pong", ref: line.sent[1]?.ref, time: "now" });

  await assert.rejects(first, /No JSON/);
  assert.equal((await second).time, "now");
});

test("a refusal with the ref of something else is nobody's, nor is one when nothing waits", async () => {
  line.receive({ type: "command.rejected", ref: null, code: "bad_frame", detail: "No JSON." });
  const asked = requests.ask({ type: "ping" });

  line.receive({
    type: "command.rejected",
    ref: "typing",
    code: "rate_limited",
    detail: "Later.",
  });
  line.receive({ type: "pong", ref: line.sent[0]?.ref, time: "now" });

  assert.equal((await asked).time, "now");
});
