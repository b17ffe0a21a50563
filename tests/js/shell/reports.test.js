import assert from "node:assert/strict";
import { test } from "node:test";
import { define, show } from "#dom";
import { ReportList } from "../../../static/js/elements/report-list.js";
import { Requests } from "../../../static/js/realtime/requests.js";
import { MemberModeration } from "../../../static/js/shell/member-moderation.js";
import { Reports } from "../../../static/js/shell/reports.js";
import { FakeLine, FakeTimers, settled } from "../fakes.js";

/** @import { ReportedMessage } from "../../../static/js/protocol.js" */

define({ "report-list": ReportList });

const GUS = { id: 3, name: "Gus" };
const AT = "2026-11-30T10:00:00Z";

/** A panel that shows what it is asked for. */
class FakePanel extends EventTarget {
  #view = "people";

  /** @param {string} view */
  open(view) {
    this.#view = view;
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** @param {string} view */
  shows(view) {
    return this.#view === view;
  }
}

/**
 * @param {number} report
 * @returns {ReportedMessage}
 */
function reported(report) {
  return {
    report,
    room: "garden",
    room_name: "Garden",
    seq: 10 + report,
    author: GUS,
    body: `Buy ${report}`,
    message: { seq: 10 + report, author: GUS, body: `Buy ${report}`, created_at: AT },
    before: [],
    after: [],
    complaints: [{ member: { id: 2, name: "Bob" }, reason: "An advertisement", at: AT }],
    count: 1,
  };
}

function openQueue() {
  const list = show(
    `<report-list tabindex="-1">
      <p class="reports-none"></p><div class="reports"></div><button class="reports-more"></button>
    </report-list>`,
  );
  const line = new FakeLine();
  const requests = new Requests(line, new FakeTimers());
  const moderation = new MemberModeration({ requests });
  show(`<div class="reports-desk"><a href="/reports/">Reports</a></div>`);
  const panel = new FakePanel();
  const permissions = Object.assign(new EventTarget(), { reports: 1, role: "moderator" });
  const session = { permissions };
  const current = { session, follow: (/** @type {any} */ then) => then(session) };
  const me = { id: 1, name: "Morgan" };
  const parts = { me, requests, moderation, panel, current, connection: line };
  new Reports(/** @type {any} */ (parts)).connect();
  /** @type {HTMLElement} */ (document.querySelector(".reports-desk a")).click();
  /** @param {number} reports */
  const told = (reports) => {
    permissions.reports = reports;
    permissions.dispatchEvent(new CustomEvent("change"));
  };
  return { list, line, told };
}

/**
 * @param {FakeLine} line
 * @param {{ type: string, [field: string]: any }} reply
 */
async function answer(line, reply) {
  const { ref } = line.sent.at(-1) ?? {};
  line.receive({ ref, ...reply });
  await settled();
}

/**
 * @param {FakeLine} line
 * @param {number[]} numbers
 */
function page(line, numbers, more = false) {
  return answer(line, { type: "reports.page", reports: numbers.map(reported), more });
}

/** @param {FakeLine} line */
const sent = (line) => line.sent.map(({ type }) => type);
/** @param {Element} list */
const bodies = (list) =>
  [...list.querySelectorAll(".report-body")].map(({ textContent }) => textContent);
/**
 * @param {Element} list
 * @param {string} label
 */
const press = (list, label) =>
  [...list.querySelectorAll("button")].find(({ textContent }) => textContent === label)?.click();

test("the queue is loaded when it is looked at, and its next page when it is wanted", async () => {
  const { list, line } = openQueue();
  await page(line, [1, 2], true);
  assert.deepEqual(bodies(list), ["Buy 1", "Buy 2"]);

  list.dispatchEvent(new CustomEvent("more-reports-wanted"));

  assert.equal(line.sent[1]?.after, 2);
  await page(line, [3]);
  assert.deepEqual(bodies(list), ["Buy 1", "Buy 2", "Buy 3"]);
});

test("a message is deleted for the reason of its report, and comes back with it", async () => {
  const { list, line } = openQueue();
  await page(line, [1]);

  press(list, "Delete message");
  assert.deepEqual(
    { ...line.sent.at(-1), ref: "" },
    { type: "message.delete", room: "garden", seq: 11, reason: "An advertisement", ref: "" },
  );
  await answer(line, { type: "change.accepted", seq: 11, updated_seq: 20 });
  assert.equal(list.querySelector("[role=status] p")?.textContent, "The message was deleted.");

  press(list, "Undo");
  await answer(line, { type: "change.accepted", seq: 11, updated_seq: 21 });
  await answer(line, { type: "command.done" });

  assert.deepEqual(sent(line).slice(1), ["message.delete", "message.restore", "report.reopen"]);
  assert.equal(list.querySelector("[role=status]")?.textContent, "");
});

test("a refusal is said at the report, which waits on", async () => {
  const { list, line } = openQueue();
  await page(line, [1]);

  press(list, "Dismiss report");
  await answer(line, { type: "command.rejected", code: "forbidden", detail: "Your role ended." });

  const status = list.querySelector("[role=status] p");
  assert.equal(status?.textContent, "That did not work. Your role ended.");
  assert.ok(!list.querySelector(".report-actions")?.hasAttribute("hidden"));
});

test("without a connection the queue stays as it was", async () => {
  const { list, line } = openQueue();
  await page(line, [1]);

  line.close();
  await settled();

  assert.deepEqual(bodies(list), ["Buy 1"]);
});

test("when another number of reports waits, the queue is read anew; when the same does, it is not", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { list, line, told } = openQueue();
  await page(line, [1, 2]);
  t.mock.timers.tick(1_000);

  told(1);
  assert.equal(sent(line).length, 1);
  told(2);
  await page(line, [2]);

  assert.deepEqual(sent(line), ["reports.load", "reports.load"]);
  assert.deepEqual(bodies(list), ["Buy 2"]);
});
