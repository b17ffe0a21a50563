import assert from "node:assert/strict";
import { test } from "node:test";
import { Standing } from "../../static/js/models/standing.js";

const NOW = Date.parse("2026-01-05T09:30:00Z");
const clock = (/** @type {number} */ moment) => new Date(moment).toISOString().slice(11, 16);

/** @param {Standing} standing */
const noticeOf = (standing, now = NOW) => standing.notice(now, clock);

test("nothing holds for whom nothing was said", () => {
  const standing = new Standing("lobby");

  assert.equal(noticeOf(standing), "");
  assert.equal(standing.isModerator, false);
});

test("a mute is known from the page, and ends with its time", () => {
  const standing = new Standing("lobby", { muted_until: "2026-01-05T09:40:00Z" });

  assert.match(noticeOf(standing), /muted until 09:40/);
  assert.equal(noticeOf(standing, NOW + 601_000), "");
});

test("each standing replaces the one before, and each hello", () => {
  const standing = new Standing("lobby");

  standing.hear({ type: "standing", role: "moderator", muted_until: "2026-01-05T09:40:00Z" });
  assert.equal(standing.isModerator, true);
  standing.hear({ type: "hello" });

  assert.equal(standing.isModerator, false);
  assert.equal(noticeOf(standing), "");
});

test("how many reports wait is for moderators to know", () => {
  const standing = new Standing("lobby", { role: "moderator", reports: 2 });
  assert.equal(standing.reports, 2);

  standing.hear({ type: "standing", role: "moderator", reports: 0 });
  assert.equal(standing.reports, 0);
  standing.hear({ type: "standing" });

  assert.equal(standing.reports, null);
});

test("the rules of this room hold until it is entered anew without any", () => {
  const standing = new Standing("lobby");

  standing.hear({ type: "room.rules", room: "cellar", locked: true, slow_s: 0 });
  assert.equal(noticeOf(standing), "");
  standing.hear({ type: "room.rules", room: "lobby", locked: true, slow_s: 0 });
  assert.match(noticeOf(standing), /locked/);
  standing.hear({ type: "room.entered", room: "lobby" });

  assert.equal(noticeOf(standing), "");
});

test("a room that was taken away says so, until it can be entered again", () => {
  const standing = new Standing("lobby", { slow_s: 30 });

  standing.hear({ type: "room.removed", room: "cellar" });
  assert.match(noticeOf(standing), /Slow mode/);
  standing.hear({ type: "room.removed", room: "lobby" });
  assert.match(noticeOf(standing), /not open to you any more/);
  standing.hear({ type: "room.entered", room: "lobby" });

  assert.equal(noticeOf(standing), "");
});

test("slow mode counts down from my last message, for all but moderators", () => {
  const standing = new Standing("lobby", { slow_s: 30 });
  assert.equal(noticeOf(standing), "Slow mode: one message every 30 s.");

  standing.posted(NOW);

  assert.equal(standing.wait(NOW + 10_000), 20);
  assert.match(noticeOf(standing, NOW + 10_000), /Your next one in 20 s/);
  assert.equal(standing.wait(NOW + 30_000), 0);
  standing.hear({ type: "standing", role: "owner" });
  assert.equal(standing.wait(NOW + 1), 0);
});
