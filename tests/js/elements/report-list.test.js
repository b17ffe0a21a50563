import assert from "node:assert/strict";
import { test } from "node:test";
import { define, emitted, show } from "#dom";
import { ReportList } from "../../../static/js/elements/report-list.js";

/** @import { ReportedMessage } from "../../../static/js/protocol.js" */

define({ "report-list": ReportList });

const ME = 1;
const AT = "2026-11-30T10:00:00Z";
const GUS = { id: 3, name: "Gus" };
const BOB = { id: 2, name: "Bob" };

/**
 * @param {number} report
 * @param {Partial<ReportedMessage>} changes
 * @returns {ReportedMessage}
 */
function reported(report, changes = {}) {
  return {
    report,
    room: "lobby",
    room_name: "Lobby",
    seq: 10 + report,
    author: GUS,
    body: "Buy now",
    message: { seq: 10 + report, author: GUS, body: "Buy now", created_at: AT },
    before: [{ seq: 9, author: BOB, body: "Tea?", created_at: AT }],
    after: [{ seq: 99, author: BOB, body: "", created_at: AT, deleted: true }],
    complaints: [{ member: BOB, reason: "An advertisement", at: AT }],
    count: 3,
    ...changes,
  };
}

/** @param {ReportedMessage[]} reports */
function openList(...reports) {
  const list = show(
    `<report-list tabindex="-1">
      <p class="reports-none"></p><div class="reports"></div><button class="reports-more"></button>
    </report-list>`,
    ReportList,
  );
  list.show({ reports, more: false, me: ME, maySanction: true });
  return list;
}

/** @param {HTMLElement} list */
const articles = (list) => [...list.querySelectorAll("article")];
/**
 * @param {HTMLElement} list
 * @param {string} selector
 */
const texts = (list, selector) =>
  [...list.querySelectorAll(selector)].map(({ textContent }) => textContent);
/** @param {HTMLElement} list */
const none = (list) => /** @type {HTMLElement} */ (list.querySelector(".reports-none"));
/**
 * @param {HTMLElement} list
 * @param {string} label
 */
const press = (list, label) =>
  [...list.querySelectorAll("button")].find(({ textContent }) => textContent === label)?.click();

test("a report shows the message among its neighbours, and who says what is wrong with it", () => {
  const list = openList(reported(1));

  assert.deepEqual(texts(list, ".report-body"), ["Tea?", "Buy now", "Message deleted"]);
  assert.deepEqual(texts(list, ".report-reasons li"), ["Bob: An advertisement", "and 2 more"]);
  assert.deepEqual(texts(list, ".report-actions > *"), [
    "Dismiss report",
    "Delete message",
    "Mute author…",
    "Ban author…",
    "Open in room",
  ]);
  assert.equal(list.querySelector("a")?.getAttribute("href"), "/rooms/lobby/11/");
});

test("a message that was edited or deleted since is shown as it was reported", () => {
  const edited = reported(1, {
    message: { seq: 11, author: GUS, body: "Good morning", created_at: AT },
  });
  const deleted = reported(2, {
    message: { seq: 12, author: GUS, body: "", created_at: AT, deleted: true },
  });
  const list = openList(edited, deleted);

  assert.deepEqual(texts(list, ".report-message .report-body"), [
    "Buy now",
    "Good morning",
    "Buy now",
  ]);
  assert.deepEqual(texts(list, ".report-note"), [
    "It was edited since. Now it says:",
    "The message was deleted. This is what it said.",
  ]);
  assert.equal(texts(articles(list)[1] ?? list, ".report-actions .is-danger").length, 0);
});

test("my own message is not deleted here, and I do not mute myself", () => {
  const list = openList(reported(1, { author: { id: ME, name: "Me" } }));

  assert.deepEqual(texts(list, ".report-actions > *"), ["Dismiss report", "Open in room"]);
});

test("what is wanted is told with the report", () => {
  const list = openList(reported(1), reported(2));
  const events = emitted(list, "report-act", "profile-wanted");

  press(articles(list)[1] ?? list, "Delete message");
  /** @type {HTMLElement} */ (list.querySelector(".report-name")).click();

  assert.equal(events[0]?.detail.act, "delete");
  assert.equal(events[0]?.detail.reported.report, 2);
  assert.deepEqual(events[1]?.detail.member, GUS);
});

test("what came of it stays in its place after the report has gone, with the way back", () => {
  const list = openList(reported(1), reported(2));
  let undone = 0;
  list.announce(1, {
    said: ["The message was deleted."],
    isClosed: true,
    undo: () => (undone += 1),
  });

  list.show({ reports: [reported(2)], more: false, me: ME, maySanction: true });

  assert.equal(articles(list).length, 2);
  assert.equal(
    articles(list)[0]?.querySelector("[role=status] p")?.textContent,
    "The message was deleted.",
  );
  assert.ok(articles(list)[0]?.querySelector(".report-actions")?.hasAttribute("hidden"));
  press(list, "Undo");
  assert.equal(undone, 1);
  list.announce(1, null);
  assert.equal(articles(list)[0]?.querySelector("[role=status]")?.textContent, "");
});

test("what another moderator dealt with goes, and the others stay as they are", () => {
  const list = openList(reported(1), reported(2));
  const [, second] = articles(list);
  articles(list)[0]?.querySelector("button")?.focus();

  list.show({ reports: [reported(2)], more: false, me: ME, maySanction: true });

  assert.deepEqual(articles(list), [second]);
  assert.equal(document.activeElement, list);
});

test("an empty queue says so, and what was dealt with goes when it is looked at anew", () => {
  const list = openList(reported(1));
  assert.ok(none(list).hidden);
  list.announce(1, { said: ["The report was dismissed."], isClosed: true });

  list.show({ reports: [], more: false, me: ME, maySanction: true });
  assert.ok(none(list).hidden);
  list.tidy();
  list.show({ reports: [], more: false, me: ME, maySanction: true });

  assert.ok(!none(list).hidden);
  assert.equal(articles(list).length, 0);
});
