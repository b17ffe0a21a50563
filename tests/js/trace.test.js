import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../static/js/models/clock.js";
import { myTrace, Traces, theirTrace } from "../../static/js/models/trace.js";

const marks = { typed: 1_000, sent: 1_004, back: 1_030, shown: 1_041 };

/** @param {import("../../static/js/models/trace.js").Trace | null} trace */
function sum(trace) {
  return trace?.hops.reduce((total, { length }) => total + length, 0);
}

test("the hops follow each other and sum to the total", () => {
  const server = { received: 6_010, committed: 6_018, published: 6_019 };
  const trace = myTrace({ ...marks, ...server }, 5_000);

  assert.deepEqual(
    trace?.hops.map(({ start, length }) => [start, length]),
    [
      [0, 4],
      [4, 6],
      [10, 8],
      [18, 1],
      [19, 11],
      [30, 11],
    ],
  );
  assert.equal(sum(trace), trace?.total);
  assert.equal(trace?.total, 41);
});

test("a wrong clock bends the way, but never breaks it", () => {
  for (const offset of [-1e6, 4_950, 5_000, 5_050, 1e6]) {
    const server = { received: 6_010, committed: 6_018, published: 6_019 };
    const trace = myTrace({ ...marks, ...server }, offset);

    assert.equal(sum(trace), 41);
    assert.ok(trace?.hops.every(({ length }) => length >= 0));
    assert.equal(trace?.hops[2]?.length, 8);
    assert.equal(trace?.hops[3]?.length, 1);
  }
});

test("of others' messages the way from the log is known; of old ones nothing", () => {
  const trace = theirTrace({ created: 6_000, back: 1_012, shown: 1_020 }, 5_000);

  assert.deepEqual(
    trace?.hops.map(({ length }) => length),
    [12, 8],
  );
  assert.equal(trace?.total, 20);
  assert.equal(theirTrace({}, 0), null);
  assert.equal(myTrace({ back: 1, shown: 2 }, 0), null);
});

test("a place is passed once; what is sent again starts again", () => {
  const traces = new Traces();
  traces.mark("a", { typed: 1 });
  traces.sentAgain("a", 2);
  traces.mark("a", { back: 3 });
  traces.mark("a", { back: 4, shown: 5 });
  assert.deepEqual(traces.of("a"), { typed: 1, sent: 2, back: 3, shown: 5 });

  traces.sentAgain("a", 9);

  assert.deepEqual(traces.of("a"), { typed: 1, sent: 9 });
});

test("of several pings the quickest tells the clocks' difference", () => {
  const clock = new Clock();
  assert.equal(clock.estimate, null);
  clock.add({ sent: 0, server: 580, received: 100 });
  clock.add({ sent: 200, server: 705, received: 210 });
  clock.add({ sent: 300, server: 880, received: 390 });

  assert.deepEqual(clock.estimate, { offset: 500, error: 5, count: 3 });
  assert.deepEqual(clock.roundTrips, [100, 10, 90]);
});
