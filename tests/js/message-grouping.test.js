import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange } from "../../static/js/models/message-grouping.js";

/** @import { Message } from "../../static/js/protocol.js" */

const ann = { id: 1, name: "Ann" };
const ben = { id: 2, name: "Ben" };

/**
 * @param {number} seq
 * @param {string} time
 * @param {{ id: number, name: string }} author
 * @returns {Message}
 */
function message(seq, time, author = ann) {
  return {
    id: `id-${seq}`,
    seq,
    updated_seq: seq,
    author,
    body: `said ${seq}`,
    created_at: new Date(`${time}:00`).toISOString(),
    client_id: `c-${seq}`,
  };
}

/** @param {Partial<Parameters<typeof arrange>[0]>} content */
function lines(content) {
  return arrange({ messages: [], pending: [], me: ann, newFrom: null, ...content }).map((item) => {
    switch (item.kind) {
      case "message":
        return `${item.startsGroup ? "+" : " "}${item.message.seq}`;
      case "pending":
        return `${item.startsGroup ? "+" : " "}${item.entry.body}`;
      default:
        return item.kind;
    }
  });
}

test("messages of one author within five minutes are a group", () => {
  const messages = [
    message(1, "2026-03-01T10:00"),
    message(2, "2026-03-01T10:04"),
    message(3, "2026-03-01T10:06"),
    message(4, "2026-03-01T10:06", ben),
  ];

  assert.deepEqual(lines({ messages }), ["day", "+1", " 2", "+3", "+4"]);
});

test("a line stands where the reader's day changes", () => {
  const messages = [message(1, "2026-03-01T23:59"), message(2, "2026-03-02T00:01")];

  assert.deepEqual(lines({ messages }), ["day", "+1", "day", "+2"]);
});

test("the New line stands before the first unread message", () => {
  const messages = [message(1, "2026-03-01T10:00"), message(2, "2026-03-01T10:01")];

  assert.deepEqual(lines({ messages, newFrom: 2 }), ["day", "+1", "new", "+2"]);
});

test("what is on its way stands at the end and keeps its key when it arrives", () => {
  const entry = /** @type {const} */ ({
    client_id: "c-2",
    body: "two",
    order: 0,
    state: "waiting",
  });
  const before = arrange({ messages: [], pending: [entry], me: ann, newFrom: null });
  const after = arrange({
    messages: [message(2, "2026-03-01T10:00")],
    pending: [],
    me: ann,
    newFrom: null,
  });

  assert.equal(before.at(-1)?.key, after.at(-1)?.key);
});
