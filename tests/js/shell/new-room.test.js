import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "#dom";
import { Permissions } from "../../../static/js/models/permissions.js";
import { CurrentRoom } from "../../../static/js/shell/current-room.js";
import { NewRoom } from "../../../static/js/shell/new-room.js";

/** @param {boolean} mayMakeRooms */
function open(mayMakeRooms) {
  show(`<dialog id="new-room"><form><div class="dialog-actions"></div></form></dialog>`);
  const button = show(`<button id="new-room-button"></button>`);
  const permissions = new Permissions("lobby");
  const current = new CurrentRoom(/** @type {any} */ ({ key: "lobby", permissions }));
  const parts = /** @type {any} */ ({ current, mayMakeRooms, focusBack: () => {} });
  new NewRoom(parts).connect();
  return { button, permissions };
}

test("where the site lets everyone make rooms, New room is there", () => {
  assert.equal(open(true).button.hidden, false);
});

test("where it does not, New room is there for moderators, as long as they are", () => {
  const { button, permissions } = open(false);
  assert.equal(button.hidden, true);

  permissions.on({ type: "standing", role: "moderator" });
  assert.equal(button.hidden, false);

  permissions.on({ type: "standing" });
  assert.equal(button.hidden, true);
});
