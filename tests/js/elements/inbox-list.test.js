import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { define, emitted, press, show } from "#dom";
import { InboxList } from "../../../static/js/elements/inbox-list.js";

/** @import { InboxEntry } from "../../../static/js/protocol.js" */

define({ "inbox-list": InboxList });

/** @type {InboxList} */
let list;

beforeEach(() => {
  list = show(
    `<inbox-list tabindex="-1"><button class="inbox-all-read" hidden></button>
     <div class="inbox-none" hidden></div><ul class="inbox-items"></ul>
     <button class="inbox-more" hidden></button></inbox-list>`,
    InboxList,
  );
});

/**
 * @param {number} number
 * @param {Partial<InboxEntry>} more
 */
function row(number, more = {}, isUnread = true, isGroup = false) {
  const author = { id: 2, name: "Ann" };
  const at = "2026-01-01T10:00:00Z";
  const said = /** @type {const} */ ({ kind: "mention", room: "garden", seq: 7, text: "look" });
  return { entry: { number, author, at, ...said, ...more }, room: "Garden", isGroup, isUnread };
}

/** @param {ReturnType<typeof row>[]} rows */
function draw(rows, more = false) {
  list.show({ rows, more, isLoaded: true });
}

const texts = () => [...list.querySelectorAll(".inbox-head")].map((head) => head.textContent);
const links = () => [...list.querySelectorAll("a")];

test("each entry says who, why and where, and leads to its message", () => {
  const direct = /** @type {const} */ ("direct");
  draw([
    row(3),
    row(2, { kind: "reply" }),
    row(0, { kind: direct, room: "d" }),
    row(0, { kind: direct, room: "e" }, true, true),
  ]);

  assert.deepEqual(texts(), [
    "Ann mentioned you in Garden",
    "Ann replied to you in Garden",
    "Ann wrote to you",
    "Ann wrote in Garden",
  ]);
  assert.deepEqual(
    links().map((link) => link.getAttribute("href")),
    ["/rooms/garden/7/", "/rooms/garden/7/", "/rooms/d/", "/rooms/e/"],
  );
});

test("an empty inbox says what it is for, once it is known to be empty", () => {
  const none = /** @type {HTMLElement} */ (list.querySelector(".inbox-none"));
  list.show({ rows: [], more: false, isLoaded: false });
  assert.equal(none.hidden, true);
  draw([]);
  assert.equal(none.hidden, false);
  draw([row(1)]);
  assert.equal(none.hidden, true);
});

test("what is read has no button for it, and a focus stays at the entry", () => {
  draw([row(2), row(1)]);
  const told = emitted(list, "inbox-read", "inbox-all-read");
  /** @type {HTMLElement} */ (list.querySelector(".inbox-read")).click();
  draw([row(2, {}, false), row(1)]);

  assert.equal(told[0]?.detail.number, 2);
  assert.equal(list.querySelectorAll(".inbox-read").length, 1);
  assert.equal(document.activeElement, links()[0]);
});

test("an entry that comes in moves nothing that has the focus", () => {
  draw([row(1)]);
  const [held] = links();
  held?.focus();
  draw([row(2), row(1)]);

  assert.equal(document.activeElement, held);
  assert.equal(links()[1], held);
});

test("arrows lead from entry to entry", () => {
  draw([row(2), row(1)]);
  links()[0]?.focus();
  press("ArrowDown");
  assert.equal(document.activeElement, links()[1]);
  press("ArrowDown");
  assert.equal(document.activeElement, links()[1]);
  press("ArrowUp");
  assert.equal(document.activeElement, links()[0]);
});
