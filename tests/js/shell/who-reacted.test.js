import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "#dom";

const { WhoReacted } = await import("../../../static/js/shell/who-reacted.js");

const ann = { id: 1, name: "Ann" };
const me = { id: 7, name: "Me" };
const MARKUP = `
  <message-list><li class="message" data-seq="3"><ul>
    <li class="reaction-item"><button class="reaction" data-emoji="👍" title="Ann, Me"></button></li>
  </ul></li></message-list>
  <p id="reaction-hint" popover="manual"></p>
  <dialog id="who-reacted"><div class="reactor-groups"></div></dialog>`;

function open() {
  const page = show(MARKUP);
  const list = /** @type {any} */ (document.querySelector("message-list"));
  list.shown = () => ({ seq: 3, reactions: [{ emoji: "👍", members: [ann, me] }] });
  const hint = /** @type {any} */ (document.querySelector("#reaction-hint"));
  hint.showPopover = () => {
    hint.dataset.open = "";
  };
  const names = { of: (/** @type {{ id: number }} */ { id }) => (id === 1 ? "Anna" : "Me") };
  const current = /** @type {any} */ ({ session: { names } });
  /** @type {any[]} */
  const actions = [];
  new WhoReacted({ me, current, list, actions, focusBack: () => {} }).connect();
  return { page, list, hint, actions };
}

test("a reaction that is pointed at names the people behind it as they are called today", () => {
  const { list, hint } = open();

  const button = list.querySelector(".reaction");
  button.dispatchEvent(new Event("pointerover", { bubbles: true }));

  assert.equal(hint.textContent, "You and Anna reacted with 👍");
  assert.equal(button.hasAttribute("title"), false);
});

test("the menu of a message with reactions leads to all of them, each with its people", () => {
  const { list, actions } = open();
  const [action] = actions;
  assert.equal(action.isAvailable({ reactions: [] }), false);

  action.run(list.shown());

  const groups = document.querySelector(".reactor-groups");
  assert.deepEqual(
    [...(groups?.querySelectorAll("li") ?? [])].map((item) => item.textContent),
    ["You", "Anna"],
  );
  assert.match(groups?.querySelector("h3")?.textContent ?? "", /👍\s+2/);
});
