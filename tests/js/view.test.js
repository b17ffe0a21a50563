import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST_VIEW, STEP, View } from "../../static/js/models/view.js";

/** @import { Message } from "../../static/js/protocol.js" */

/**
 * @param {number} count
 * @returns {Message[]}
 */
function talk(count) {
  return Array.from({ length: count }, (_, index) => /** @type {any} */ ({ seq: 2 * index + 1 }));
}

test("at the end, the view follows the room and never grows too long", () => {
  const view = new View();
  const messages = talk(LONGEST_VIEW + 100);

  view.grew(messages, true);

  assert.equal(view.slice(messages).length, LONGEST_VIEW);
  assert.equal(view.slice(messages).at(-1), messages.at(-1));
  assert.equal(view.following, true);
});

test("while someone reads further up, what is new waits below", () => {
  const view = new View();
  view.grew(talk(LONGEST_VIEW), false);
  const messages = talk(LONGEST_VIEW + 7);

  view.grew(messages, false);

  assert.equal(view.slice(messages)[0], messages[0]);
  assert.equal(view.below(messages), 7);
  assert.equal(view.following, false);
});

test("step by step one gets to the top, and down again to the end", () => {
  const view = new View();
  const messages = talk(1_000);
  view.grew(messages, true);

  while (view.extendUp(messages)) {
    assert.ok(view.slice(messages).length <= LONGEST_VIEW);
  }
  assert.equal(view.slice(messages)[0], messages[0]);
  while (view.extendDown(messages)) {
    assert.ok(view.slice(messages).length <= LONGEST_VIEW);
  }

  assert.equal(view.slice(messages).at(-1), messages.at(-1));
});

test("a message far up is shown with its surroundings", () => {
  const view = new View();
  const messages = talk(1_000);
  view.grew(messages, true);

  view.around(messages, 401);

  const shown = view.slice(messages).map(({ seq }) => seq);
  assert.ok(shown.includes(401));
  assert.equal(shown.indexOf(401), STEP);
  assert.equal(view.following, false);
});

test("back to the end in one step", () => {
  const view = new View();
  const messages = talk(1_000);
  view.around(messages, 1);

  view.toEnd(messages);

  assert.equal(view.slice(messages).at(-1), messages.at(-1));
  assert.equal(view.slice(messages).length, STEP);
});

test("a room that is opened again shows its end first, and the rest above it when it is wanted", () => {
  const messages = talk(120);
  const view = View.atEnd(messages);

  assert.equal(view.slice(messages).length, STEP);
  assert.equal(view.slice(messages).at(-1)?.seq, messages.at(-1)?.seq);
  assert.equal(view.below(messages), 0);
  assert.ok(view.extendUp(messages));
  assert.equal(view.slice(messages).length, 2 * STEP);
});
