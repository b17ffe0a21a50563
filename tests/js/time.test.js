import assert from "node:assert/strict";
import { test } from "node:test";
import { dayLabel } from "../../static/js/helpers/time.js";

/** @type {[string, string, string, string][]} zone, now, a moment of yesterday, one of the day before */
const NIGHTS = [
  // The day before had 23 hours.
  ["America/Los_Angeles", "2026-03-09T07:20:00Z", "2026-03-08T20:00:00Z", "2026-03-08T07:50:00Z"],
  ["Europe/London", "2026-03-29T23:30:00Z", "2026-03-29T12:00:00Z", "2026-03-28T23:30:00Z"],
  ["Australia/Sydney", "2026-10-04T13:30:00Z", "2026-10-04T02:00:00Z", "2026-10-03T12:00:00Z"],
  // Today has 25 hours, and is nearly over.
  ["Europe/Paris", "2026-10-25T22:40:00Z", "2026-10-24T10:00:00Z", "2026-10-23T21:30:00Z"],
  ["America/Chicago", "2026-11-02T05:30:00Z", "2026-10-31T17:00:00Z", "2026-10-31T04:30:00Z"],
  // No midnight: the clocks of this day go from 0 to 1.
  ["Asia/Beirut", "2026-03-28T23:30:00Z", "2026-03-28T12:00:00Z", "2026-03-27T12:00:00Z"],
  // Half an hour of summer time, and none at all.
  ["Australia/Lord_Howe", "2026-04-05T13:15:00Z", "2026-04-04T03:00:00Z", "2026-04-03T03:00:00Z"],
  ["Asia/Kolkata", "2026-06-10T18:40:00Z", "2026-06-10T06:00:00Z", "2026-06-09T06:00:00Z"],
];

test("yesterday is by the calendar, also where a day has 23 or 25 hours", () => {
  for (const [zone, now, yesterday, before] of NIGHTS) {
    process.env.TZ = zone;
    const label = (/** @type {string} */ moment) => dayLabel(new Date(moment), new Date(now));

    assert.equal(label(now), "Today", zone);
    assert.equal(label(yesterday), "Yesterday", zone);
    assert.notEqual(label(before), "Yesterday", zone);
  }
});
