import assert from "node:assert/strict";
import { test } from "node:test";
import { define, press, show } from "#dom";
import { ProfileCard } from "../../../static/js/elements/profile-card.js";

define({ "profile-card": ProfileCard });

const GUS = { id: 3, name: "Gus" };

function openCard() {
  const origin = show(`<button type="button">Gus</button>`, HTMLButtonElement);
  const card = show(
    `<profile-card popover="manual" role="dialog" aria-labelledby="profile-name"></profile-card>`,
    ProfileCard,
  );
  /** @type {string[]} */
  const ran = [];
  const actions = [
    { label: "Mention", run: () => ran.push("Mention") },
    { label: "Mute…", run: () => ran.push("Mute…"), isDanger: true, isModeration: true },
  ];
  card.open({ member: GUS, facts: ["Moderator", "Here now"], actions }, origin);
  return { card, origin, ran, actions };
}

const focused = () => document.activeElement?.textContent;
/** @param {EventTarget} target */
const tap = (target) =>
  target.dispatchEvent(new MouseEvent("pointerdown", { bubbles: true, cancelable: true }));

test("the card says who it is, and begins at its first action", () => {
  const { card } = openCard();

  assert.ok(card.isOpen);
  assert.equal(card.querySelector("h2")?.textContent, "Gus");
  assert.equal(card.querySelector(".profile-facts")?.textContent, "Moderator · Here now");
  assert.equal(focused(), "Mention");
});

test("what moderators do stands in a group of its own, if there is any", () => {
  const { card, actions } = openCard();
  assert.equal(card.querySelector("[role=group]")?.textContent, "Mute…");

  card.update({ member: GUS, facts: [], actions: actions.slice(0, 1) });

  assert.equal(card.querySelector("[role=group]"), null);
});

test("an action runs and the card stays, so that its outcome is said there", () => {
  const { card, ran } = openCard();
  /** @type {HTMLElement} */ (card.querySelector("[role=group] button")).click();
  let undone = 0;

  card.announce(["Gus was muted for an hour."], () => {
    undone += 1;
  });

  assert.deepEqual(ran, ["Mute…"]);
  assert.ok(card.isOpen);
  const status = card.querySelector("[role=status]");
  assert.equal(status?.textContent, "Gus was muted for an hour. Undo");
  status?.querySelector("button")?.click();
  assert.equal(undone, 1);
});

test("the focus stays where it was when the card is filled anew", () => {
  const { card, actions } = openCard();
  press("Tab");
  assert.equal(focused(), "Mute…");

  card.update({ member: GUS, facts: [], actions: [...actions].reverse() });
  assert.equal(focused(), "Mute…");
  card.update({ member: GUS, facts: [], actions: actions.slice(0, 1) });

  assert.equal(focused(), "Mention");
});

test("the Tab key goes round in the card", () => {
  openCard();

  press("Tab");
  press("Tab");
  assert.equal(document.activeElement?.getAttribute("aria-label"), "Close");
  press("Tab");
  assert.equal(focused(), "Mention");
  press("Shift+Tab");

  assert.equal(document.activeElement?.getAttribute("aria-label"), "Close");
});

test("Escape closes the card and nothing behind it, and leads back to the name", () => {
  const { card, origin } = openCard();
  let behind = 0;
  document.addEventListener("keydown", () => {
    behind += 1;
  });

  press("Escape");

  assert.ok(!card.isOpen);
  assert.equal(card.memberId, 0);
  assert.equal(document.activeElement, origin);
  assert.equal(behind, 0);
});

test("a press beside the card closes it, one in a dialog that it opened does not", () => {
  const { card } = openCard();
  const dialog = show(`<dialog open><button type="button">Mute</button></dialog>`);

  tap(dialog.querySelector("button") ?? dialog);
  assert.ok(card.isOpen);
  tap(document.body);

  assert.ok(!card.isOpen);
});
