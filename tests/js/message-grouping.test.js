import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { arrange } from "../../static/js/models/message-grouping.js";

/** @import { Message } from "../../static/js/protocol.js" */

const ann = { id: 1, name: "Ann" };

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
      case "deletions":
        return `deleted ${item.messages.length}`;
      default:
        return item.kind;
    }
  });
}

/**
 * @typedef {{ at: string, author: number, reply_to?: number, deleted?: boolean }} Said
 * @type {{ what: string, messages: Said[], lines: string[] }[]}
 */
const cases = JSON.parse(
  readFileSync(new URL("../message_grouping.json", import.meta.url), "utf8"),
);

test("the browser arranges messages as the server does", () => {
  for (const { what, messages, lines: expected } of cases) {
    const all = messages.map(({ at, author, ...rest }, index) => ({
      ...message(index + 1, at, { id: author, name: `Member ${author}` }),
      ...rest,
    }));

    assert.deepEqual(lines({ messages: all }), expected, what);
  }
});

test("a run of deleted messages that was asked for is shown message by message, under its line", () => {
  const messages = [1, 2, 3].map((seq) => ({ ...message(seq, "2026-03-01T10:00"), deleted: true }));

  const isExpanded = (/** @type {number} */ seq) => seq === 2;
  assert.deepEqual(lines({ messages, isExpanded }), ["day", "deleted 3", "+1", " 2", " 3"]);
});

test("a deleted message of which something is still to be said parts the run", () => {
  const messages = [1, 2, 3, 4].map((seq) => ({
    ...message(seq, "2026-03-01T10:00"),
    deleted: true,
  }));

  const collapses = (/** @type {Message} */ { seq }) => seq !== 3;
  assert.deepEqual(lines({ messages, collapses }), ["day", "deleted 2", "+3", " 4"]);
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
