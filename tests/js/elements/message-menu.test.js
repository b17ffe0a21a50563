import assert from "node:assert/strict";
import { test } from "node:test";
import { define, emitted, press, show } from "#dom";
import { MessageMenu } from "../../../static/js/elements/message-menu.js";

/** @import { Message } from "../../../static/js/protocol.js" */

define({ "message-menu": MessageMenu });

const ME = 7;
/** @type {Message} */
const message = {
  id: "id-1",
  seq: 1,
  updated_seq: 1,
  author: { id: 1, name: "Ann" },
  body: "Tea?",
  client_id: "c-1",
  created_at: "2026-11-30T10:00:00Z",
  reactions: [{ emoji: "🎉", members: [{ id: ME, name: "Me" }] }],
};

/** @param {Partial<Message>} changes */
function openMenu(changes = {}) {
  const origin = show(`<button type="button">More</button>`, HTMLButtonElement);
  const menu = show(`<message-menu popover role="menu"></message-menu>`, MessageMenu);
  /** @type {string[]} */
  const ran = [];
  const actions = ["Reply", "Edit"].map((label) => ({ label, run: () => ran.push(label) }));
  menu.offer({ ...message, ...changes }, { actions, me: ME, origin });
  return { menu, origin, ran };
}

const focused = () => document.activeElement?.textContent;

test("the menu opens on its first entry and says so at the button it belongs to", () => {
  const { menu, origin } = openMenu();

  assert.ok(menu.matches(":popover-open"));
  assert.equal(focused(), "👍");
  assert.equal(origin.getAttribute("aria-expanded"), "true");
});

test("an arrow goes from the reactions to the actions, and round", () => {
  openMenu();

  press("ArrowDown");
  assert.equal(focused(), "Reply");
  press("End");
  assert.equal(focused(), "Edit");
  press("ArrowDown");
  assert.equal(focused(), "👍");
});

test("an action runs once, and the focus goes back to where the menu was opened", () => {
  const { menu, origin, ran } = openMenu();

  press("ArrowDown");
  /** @type {HTMLElement} */ (document.activeElement).click();

  assert.deepEqual(ran, ["Reply"]);
  assert.ok(!menu.matches(":popover-open"));
  assert.equal(document.activeElement, origin);
  assert.equal(origin.getAttribute("aria-expanded"), "false");
});

test("a reaction of mine is checked, and choosing it takes it back", () => {
  const { menu } = openMenu();
  const events = emitted(menu, "reaction-set");
  const mine = [...menu.querySelectorAll("button")].find(({ textContent }) => textContent === "🎉");

  assert.equal(mine?.getAttribute("aria-checked"), "true");
  mine?.click();

  assert.equal(events.length, 1);
  assert.equal(events[0]?.detail.emoji, "🎉");
  assert.equal(events[0]?.detail.on, false);
});

test("a deleted message offers no reactions", () => {
  const { menu } = openMenu({ deleted: true });

  assert.equal(menu.querySelector(".menu-reactions"), null);
  assert.equal(focused(), "Reply");
});

test("Escape closes the menu and nothing behind it", () => {
  const { menu } = openMenu();
  const behind = emitted(document, "keydown");

  press("Escape");

  assert.ok(!menu.matches(":popover-open"));
  assert.deepEqual(behind, []);
});

test("the finger that opened a sheet presses nothing when it is lifted; the next tap does", () => {
  const { menu, origin, ran } = openMenu();
  const actions = [{ label: "Reply", run: () => ran.push("Reply") }];
  menu.offer(message, { actions, me: ME, origin, isSheet: true });
  const reply = /** @type {HTMLElement} */ (menu.querySelector("[role=menuitem]"));
  const tap = () => reply.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));

  tap();
  assert.deepEqual(ran, []);
  assert.ok(menu.matches(":popover-open"));
  reply.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  tap();

  assert.deepEqual(ran, ["Reply"]);
});
