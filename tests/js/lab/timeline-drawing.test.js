import assert from "node:assert/strict";
import { test } from "node:test";
import "#dom";
import { drawTimeline } from "../../../lab/web/static/lab/helpers/timeline-drawing.js";

/** @import { BenchEvent } from "../../../lab/web/static/lab/types.js" */

/**
 * @param {number} at
 * @param {string} kind
 * @param {string} text
 * @param {string} lane
 */
const event = (at, kind, text, lane = "node-2") =>
  /** @type {BenchEvent} */ (
    /** @type {unknown} */ ({ n: at, at, kind, text, lane, to: "", room: "", seq: 0 })
  );

/** @param {BenchEvent[]} events */
const bands = (events) => {
  const drawn = drawTimeline({ events, begin: 0, end: 5, isLive: true, width: 600, height: 200 });
  const words = [...drawn.querySelectorAll(".is-fault")].map(({ textContent }) => textContent);
  return { words, count: drawn.querySelectorAll("rect.timeline-fault").length };
};

test("what is broken in one lane at the same time is one band, and each of it is named", () => {
  const events = [
    event(1, "fault", "Delay postgres-2"),
    event(2, "fault", "Freeze node-2"),
    event(3, "fault", "Pause redis", "redis"),
  ];

  assert.deepEqual(bands(events), {
    words: ["Delay postgres-2 · Freeze node-2", "Pause redis"],
    count: 2,
  });
});

test("healed, the next fault of the lane begins a band of its own", () => {
  const events = [
    event(1, "fault", "Delay postgres-2"),
    event(2, "heal", "Everything is whole again", "bench"),
    event(4, "fault", "Freeze node-2"),
  ];

  assert.deepEqual(bands(events), { words: ["Delay postgres-2", "Freeze node-2"], count: 2 });
});
