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
  const called = { 1: "Anna", 7: "Me" };
  const names = Object.assign(new EventTarget(), {
    of: (/** @type {{ id: 1 | 7 }} */ { id }) => called[id],
  });
  const session = { names };
  const follow = (/** @type {any} */ then) => then(session, new AbortController().signal);
  const current = /** @type {any} */ ({ session, follow });
  const rename = (/** @type {string} */ name) => {
    called[1] = name;
    names.dispatchEvent(new Event("change"));
  };
  /** @type {any[]} */
  const actions = [];
  new WhoReacted({ me, current, list, actions, focusBack: () => {} }).connect();
  return { page, list, hint, actions, rename };
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

test("who is renamed meanwhile is named anew, in the hint and in the list", () => {
  const { list, hint, actions, rename } = open();
  const button = list.querySelector(".reaction");
  button.dispatchEvent(new Event("pointerover", { bubbles: true }));
  assert.deepEqual(
    [...hint.querySelectorAll("[data-face]")].map(({ dataset }) => dataset.face),
    ["1", "7"],
  );

  rename("Annette");
  assert.equal(hint.textContent, "You and Annette reacted with 👍");

  actions[0].run(list.shown());
  rename("Antonia");
  assert.match(document.querySelector(".reactor-groups")?.textContent ?? "", /Antonia/);
});
