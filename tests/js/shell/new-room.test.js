import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "#dom";
import { Permissions } from "../../../static/js/models/permissions.js";
import { CurrentRoom } from "../../../static/js/shell/current-room.js";
import { NewRoom } from "../../../static/js/shell/new-room.js";

const WHY = "Only moderators make rooms here.";

/** @param {string} noRooms */
function open(noRooms) {
  show(`<dialog id="new-room"><form><div class="dialog-actions"></div></form></dialog>`);
  const button = show(`<button id="new-room-button"></button>`);
  const permissions = new Permissions("lobby");
  const current = new CurrentRoom(/** @type {any} */ ({ key: "lobby", permissions }));
  const note = show(`<p id="new-room-note"></p>`, HTMLParagraphElement);
  const parts = /** @type {any} */ ({ current, noRooms, focusBack: () => {} });
  new NewRoom(parts).connect();
  const dialog = /** @type {HTMLDialogElement} */ (document.querySelector("#new-room"));
  return { button, dialog, note, permissions };
}

test("where the site lets everyone make rooms, New room opens its dialog", () => {
  const { button, dialog } = open("");
  assert.equal(button.ariaDisabled, "false");

  button.click();

  assert.equal(dialog.open, true);
});

test("where it does not, New room says who may", () => {
  const { button, dialog, note } = open(WHY);
  assert.equal(button.ariaDisabled, "true");
  assert.equal(button.title, WHY);

  button.click();

  assert.equal(note.textContent, WHY);
  assert.equal(dialog.open, false);
  button.click();
  assert.equal(note.textContent, "");
});

test("moderators may always, as long as they are", () => {
  const { button, permissions } = open(WHY);

  permissions.on({ type: "standing", role: "moderator" });
  assert.equal(button.ariaDisabled, "false");

  permissions.on({ type: "standing" });
  assert.equal(button.ariaDisabled, "true");
});
