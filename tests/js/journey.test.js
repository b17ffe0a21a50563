import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../static/js/models/clock.js";
import { Journeys, myJourney, theirJourney } from "../../static/js/models/journey.js";

const marks = { typed: 1_000, sent: 1_004, back: 1_030, shown: 1_041 };

/** @param {import("../../static/js/models/journey.js").Journey | null} journey */
function sum(journey) {
  return journey?.hops.reduce((total, { length }) => total + length, 0);
}

test("the hops follow each other and sum to the total", () => {
  const server = { received: 6_010, committed: 6_018, published: 6_019 };
  const journey = myJourney({ ...marks, ...server }, 5_000);

  assert.deepEqual(
    journey?.hops.map(({ start, length }) => [start, length]),
    [
      [0, 4],
      [4, 6],
      [10, 8],
      [18, 1],
      [19, 11],
      [30, 11],
    ],
  );
  assert.equal(sum(journey), journey?.total);
  assert.equal(journey?.total, 41);
});

test("a wrong clock bends the way, but never breaks it", () => {
  for (const offset of [-1e6, 4_950, 5_000, 5_050, 1e6]) {
    const server = { received: 6_010, committed: 6_018, published: 6_019 };
    const journey = myJourney({ ...marks, ...server }, offset);

    assert.equal(sum(journey), 41);
    assert.ok(journey?.hops.every(({ length }) => length >= 0));
    assert.equal(journey?.hops[2]?.length, 8);
    assert.equal(journey?.hops[3]?.length, 1);
  }
});

test("of others' messages the way from the log is known; of old ones nothing", () => {
  const journey = theirJourney({ created: 6_000, back: 1_012, shown: 1_020 }, 5_000);

  assert.deepEqual(
    journey?.hops.map(({ length }) => length),
    [12, 8],
  );
  assert.equal(journey?.total, 20);
  assert.equal(theirJourney({}, 0), null);
  assert.equal(myJourney({ back: 1, shown: 2 }, 0), null);
});

test("a place is passed once; what is sent again starts again", () => {
  const journeys = new Journeys();
  journeys.mark("a", { typed: 1 });
  journeys.sentAgain("a", 2);
  journeys.mark("a", { back: 3 });
  journeys.mark("a", { back: 4, shown: 5 });
  assert.deepEqual(journeys.of("a"), { typed: 1, sent: 2, back: 3, shown: 5 });

  journeys.sentAgain("a", 9);

  assert.deepEqual(journeys.of("a"), { typed: 1, sent: 9 });
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
