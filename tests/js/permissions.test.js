import assert from "node:assert/strict";
import { test } from "node:test";
import { Permissions } from "../../static/js/models/permissions.js";

const NOW = Date.parse("2026-01-05T09:30:00Z");
const clock = (/** @type {number} */ moment) => new Date(moment).toISOString().slice(11, 16);

/** @param {Permissions} permissions */
const noticeOf = (permissions, now = NOW) => permissions.notice(now, clock);

test("nothing holds for whom nothing was said", () => {
  const permissions = new Permissions("lobby");

  assert.equal(noticeOf(permissions), "");
  assert.equal(permissions.isModerator, false);
});

test("a mute is known from the page, and ends with its time", () => {
  const permissions = new Permissions("lobby", { muted_until: "2026-01-05T09:40:00Z" });

  assert.match(noticeOf(permissions), /muted until 09:40/);
  assert.equal(noticeOf(permissions, NOW + 601_000), "");
});

test("in a locked room moderators write, and are told that the others cannot", () => {
  const permissions = new Permissions("lobby", { locked: true });
  assert.match(permissions.refusal(NOW, clock), /only moderators/);

  permissions.on({ type: "standing", role: "moderator" });

  assert.equal(permissions.refusal(NOW, clock), "");
  assert.match(noticeOf(permissions), /only moderators/);
});

test("slow mode forbids nothing: what comes early waits", () => {
  const permissions = new Permissions("lobby", { slow_s: 30 });
  permissions.posted(NOW);

  assert.equal(permissions.refusal(NOW, clock), "");
});

test("each permissions replaces the one before, and each hello", () => {
  const permissions = new Permissions("lobby");

  permissions.on({ type: "standing", role: "moderator", muted_until: "2026-01-05T09:40:00Z" });
  assert.equal(permissions.isModerator, true);
  permissions.on({ type: "hello" });

  assert.equal(permissions.isModerator, false);
  assert.equal(noticeOf(permissions), "");
});

test("how many reports wait is for moderators to know", () => {
  const permissions = new Permissions("lobby", { role: "moderator", reports: 2 });
  assert.equal(permissions.reports, 2);

  permissions.on({ type: "standing", role: "moderator", reports: 0 });
  assert.equal(permissions.reports, 0);
  permissions.on({ type: "standing" });

  assert.equal(permissions.reports, null);
});

test("the rules of this room hold until it is entered anew without any", () => {
  const permissions = new Permissions("lobby");

  permissions.on({ type: "room.rules", room: "cellar", locked: true, slow_s: 0 });
  assert.equal(noticeOf(permissions), "");
  permissions.on({ type: "room.rules", room: "lobby", locked: true, slow_s: 0 });
  assert.match(noticeOf(permissions), /locked/);
  permissions.on({ type: "room.entered", room: "lobby" });

  assert.equal(noticeOf(permissions), "");
});

test("a room that was taken away says so, until it can be entered again", () => {
  const permissions = new Permissions("lobby", { slow_s: 30 });

  permissions.on({ type: "room.removed", room: "cellar" });
  assert.match(noticeOf(permissions), /Slow mode/);
  permissions.on({ type: "room.removed", room: "lobby" });
  assert.match(noticeOf(permissions), /not open to you any more/);
  permissions.on({ type: "room.entered", room: "lobby" });

  assert.equal(noticeOf(permissions), "");
});

test("slow mode counts down from my last message, for all but moderators", () => {
  const permissions = new Permissions("lobby", { slow_s: 30 });
  assert.equal(noticeOf(permissions), "Slow mode: one message every 30 s.");

  permissions.posted(NOW);

  assert.equal(permissions.wait(NOW + 10_000), 20);
  assert.match(noticeOf(permissions, NOW + 10_000), /Your next one in 20 s/);
  assert.equal(permissions.wait(NOW + 30_000), 0);
  permissions.on({ type: "standing", role: "owner" });
  assert.equal(permissions.wait(NOW + 1), 0);
});

test("who runs a room writes in it while it is locked, and moderates there alone", () => {
  const den = new Permissions("den", { locked: true });
  assert.match(den.refusal(NOW, clock), /only moderators/);

  den.setListed({ role: "moderator" });

  assert.equal(den.refusal(NOW, clock), "");
  assert.ok(den.isModerator && !den.isOwner && den.role === null);
});

test("who invites: every member or those who run the room, and nobody while it is archived", () => {
  const den = new Permissions("den");
  assert.equal(den.mayInvite, false);

  den.setListed({ role: "member" });
  assert.equal(den.mayInvite, true);
  den.setListed({ role: "member", inviters: "moderators" });
  assert.equal(den.mayInvite, false);
  den.setListed({ role: "owner", inviters: "moderators" });
  assert.equal(den.mayInvite, true);
  den.setListed({ role: "owner", archived: true });
  assert.equal(den.mayInvite, false);
});
