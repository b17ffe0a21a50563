import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { show } from "#dom";
import { Notices } from "../../static/js/helpers/notices.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

function open() {
  show(`<main><p id="status"></p><p id="toast"></p></main>`);
  /** @type {string[]} */
  const done = [];
  const notices = new Notices(document);
  notices.undoable(
    "All is read.",
    () => done.push("undone"),
    () => done.push("committed"),
  );
  const button = /** @type {HTMLButtonElement} */ (document.querySelector("#toast button"));
  return { notices, button, done };
}

test("what can be undone is done for good when the toast goes, once", () => {
  const { done } = open();
  assert.deepEqual(done, []);

  mock.timers.tick(60_000);

  assert.deepEqual(done, ["committed"]);
});

test("what is undone is not done for good", () => {
  const { notices, button, done } = open();

  button.click();
  mock.timers.tick(60_000);
  notices.commit();

  assert.deepEqual(done, ["undone"]);
});

test("another toast in its place leaves no way back", () => {
  const { notices, done } = open();

  notices.toast("Saved.");

  assert.deepEqual(done, ["committed"]);
});
