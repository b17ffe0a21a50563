import assert from "node:assert/strict";
import { test } from "node:test";
import { Unread } from "../../static/js/models/unread.js";

/**
 * @param {number} from
 * @param {number} to
 * @param {{ more?: boolean, newer?: boolean, head?: number }} rest
 */
function held(from, to, { more = from > 1, newer = false, head = to } = {}) {
  const messages = [];
  for (let seq = from; seq <= to; seq += 1) {
    messages.push({ seq, author: { id: seq % 10 === 0 ? 1 : 2, name: "" } });
  }
  return /** @type {any} */ ({ messages, more, newer, position: { seq: head } });
}

test("what others said since is counted; where not all is held, about", () => {
  const unread = new Unread(1, 5);

  assert.deepEqual(unread.count(held(1, 12)), { count: 6, exact: true });
  assert.deepEqual(unread.count(held(51, 100)), { count: 95, exact: false });
});

test("the line stands before the first unread message, once that is held", () => {
  const unread = new Unread(1, 9);
  unread.draw(held(51, 100));
  assert.equal(unread.newFrom, null);

  unread.redraw(held(1, 100));

  assert.equal(unread.newFrom, 11);
});

test("the line stays where it was drawn until the member speaks", () => {
  const unread = new Unread(1, 5);
  unread.draw(held(1, 7));
  unread.mark(7);
  unread.draw(held(1, 9));
  assert.equal(unread.newFrom, 6);

  unread.erase();

  assert.equal(unread.newFrom, null);
});
