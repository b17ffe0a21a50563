import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ChangeQueue } from "../../static/js/models/change-queue.js";
import { ChangeDelivery } from "../../static/js/realtime/change-delivery.js";
import { Requests } from "../../static/js/realtime/requests.js";
import { FakeLine, FakeRoom, FakeStorage, settled } from "./fakes.js";

/** @import { Frame, Message } from "../../static/js/protocol.js" */
/** @import { Wish } from "../../static/js/models/change-queue.js" */

const me = { id: 1, name: "Ann" };
const ben = { id: 2, name: "Ben" };

/** @type {FakeStorage} */
let storage;
/** @type {FakeLine} */
let line;
/** @type {ChangeQueue} */
let changes;
/** @type {ChangeDelivery} */
let delivery;
/** @type {FakeRoom} */
let room;

beforeEach(() => {
  storage = new FakeStorage();
  line = new FakeLine();
  room = new FakeRoom();
  room.post("one");
  room.post("two");
  begin();
});

// What still waits for an answer gives up, and the test run can end.
afterEach(() => line.close());

function begin() {
  changes = new ChangeQueue(storage, "1:lobby", me);
  delivery = new ChangeDelivery({
    changes,
    requests: new Requests(line),
    room: "lobby",
    mayRun: () => line.isOpen,
    lock: "changes",
  });
}

/** @param {number} seq */
function message(seq) {
  return /** @type {Message} */ (room.messages.get(seq));
}

/** @param {Wish[]} wishes */
function want(...wishes) {
  for (const wish of wishes) {
    changes.add(wish, message(wish.seq));
  }
}

async function send() {
  delivery.run();
  await settled();
}

/** The server does what was sent last. */
async function accept(updated_seq = 3) {
  const { ref, seq } = /** @type {Frame} */ (line.sent.at(-1));
  line.receive({ type: "change.accepted", ref, seq, updated_seq });
  await settled();
}

/** @param {string} code */
async function refuse(code) {
  const ref = line.sent.at(-1)?.ref;
  line.receive({ type: "command.rejected", ref, code, detail: "No." });
  await settled();
}

function sent() {
  return line.sent.map(({ ref: _, ...command }) => command);
}

/** @param {string} emoji */
const like = (emoji = "👍", on = true) =>
  /** @type {const} */ ({ kind: "reaction", seq: 1, emoji, on });

test("edits, deletions and reactions are sent in the order in which they were wanted", async () => {
  want({ kind: "edit", seq: 1, body: "uno" }, like(), { kind: "delete", seq: 2 });

  await send();
  await accept(3);
  await accept(4);
  await accept(5);

  assert.deepEqual(sent(), [
    { type: "message.edit", room: "lobby", seq: 1, body: "uno" },
    { type: "reaction.set", room: "lobby", seq: 1, emoji: "👍", on: true },
    { type: "message.delete", room: "lobby", seq: 2 },
  ]);
});

test("what waits outlives the page", async () => {
  want({ kind: "edit", seq: 1, body: "uno" }, like(), { kind: "delete", seq: 2 });

  begin();
  await send();

  assert.deepEqual(
    changes.entries.map(({ kind, seq }) => `${kind} ${seq}`),
    ["edit 1", "reaction 1", "delete 2"],
  );
  assert.equal(sent()[0]?.body, "uno");
});

test("a message is shown as it will be: with its edit, its reactions, or as deleted", () => {
  want({ kind: "edit", seq: 1, body: "uno" }, like(), { kind: "delete", seq: 2 });

  const shown = changes.applied({ ...message(1), html: "<p>one</p>" });
  assert.equal(shown.body, "uno");
  assert.equal(shown.html, undefined);
  assert.ok(shown.edited_at);
  assert.deepEqual(shown.reactions, [{ emoji: "👍", members: [me] }]);
  assert.equal(changes.applied(message(2)).deleted, true);
  assert.equal(message(1).body, "one");
});

test("my reaction joins those of others, and leaves them alone when it goes", () => {
  const liked = { ...message(1), reactions: [{ emoji: "👍", members: [ben, me] }] };
  changes.add(like("👍", false), liked);
  changes.add(like("🎉"), liked);

  assert.deepEqual(changes.applied(liked).reactions, [
    { emoji: "👍", members: [ben] },
    { emoji: "🎉", members: [me] },
  ]);
});

test("a reaction that is set and taken back while it waits leaves nothing to send", async () => {
  want(like(), like("👍", false));
  assert.deepEqual(changes.entries, []);

  want(like(), like("👍", false), like());
  await send();

  assert.deepEqual(
    sent().map(({ emoji, on }) => `${emoji} ${on}`),
    ["👍 true"],
  );
});

test("an edit takes the place of one that waits; back to the first text, there is none", async () => {
  want({ kind: "edit", seq: 1, body: "uno" }, { kind: "edit", seq: 1, body: "eins" });
  assert.deepEqual(
    changes.entries.map((entry) => entry.kind === "edit" && entry.body),
    ["eins"],
  );

  want({ kind: "edit", seq: 1, body: "one" });
  assert.deepEqual(changes.entries, []);
});

test("a deletion takes the place of all else that waits for the same message", () => {
  want({ kind: "edit", seq: 1, body: "uno" }, like(), { kind: "edit", seq: 2, body: "dos" });
  want({ kind: "delete", seq: 1 });

  assert.deepEqual(
    changes.entries.map(({ kind, seq }) => `${kind} ${seq}`),
    ["edit 2", "delete 1"],
  );
});

test("what was sent already is not taken for unsent: the opposite follows it", async () => {
  want(like());
  await send();
  want(like("👍", false));
  assert.deepEqual(changes.applied(message(1)).reactions, undefined);

  await accept();

  assert.deepEqual(
    sent().map(({ on }) => on),
    [true, false],
  );
});

test("what may have arrived before the connection broke is taken back by sending the opposite", async () => {
  want(like());
  await send();
  line.close(1006);
  await settled();
  want(like("👍", false));

  line.open();
  await send();

  assert.deepEqual(
    sent().map(({ on }) => on),
    [true, false],
  );
});

test("a refused change says why, shows what holds, and can be tried again or let go of", async () => {
  want({ kind: "edit", seq: 1, body: "uno" });
  await send();
  await refuse("forbidden");

  const [failed] = changes.of(1);
  assert.equal(failed?.state, "failed");
  assert.equal(failed?.why, "No.");
  assert.equal(changes.applied(message(1)).body, "one");

  changes.waiting(failed?.id ?? "");
  await send();
  assert.equal(sent().length, 2);
  changes.take(failed?.id ?? "");
  assert.deepEqual(changes.entries, []);
});

test("what the server has done stays shown until the timeline shows it", async () => {
  want({ kind: "edit", seq: 1, body: "uno" });
  await send();
  await accept(3);

  assert.equal(changes.applied(message(1)).body, "uno");
  const at = (/** @type {number} */ seq) => room.messages.get(seq);
  changes.reconcile({ position: { seq: 2 }, at });
  assert.equal(changes.entries.length, 1);
  room.edit(1, "uno");
  changes.reconcile({ position: { seq: 3 }, at });

  assert.deepEqual(changes.entries, []);
  assert.deepEqual(storage.keys(), ["changes-mark:1:lobby"]);
});

test("of a message that someone deleted, only the text of an edit is kept", () => {
  want({ kind: "edit", seq: 1, body: "uno" }, like());
  want({ kind: "delete", seq: 2 });
  for (const seq of [1, 2]) {
    room.messages.set(seq, { ...message(seq), deleted: true, body: "" });
  }

  changes.reconcile({ position: { seq: 2 }, at: (seq) => room.messages.get(seq) });

  assert.deepEqual(
    changes.entries.map(({ kind, seq }) => `${kind} ${seq}`),
    ["edit 1"],
  );
});

for (const text of ["{", "7", '{"kind":"edit","seq":1,"body":""}', '{"kind":"dance","seq":1}']) {
  test(`what nobody can read (${text}) is set aside`, () => {
    storage.setItem("changes:1:lobby:x", text);
    begin();

    assert.deepEqual(changes.entries, []);
    assert.equal(storage.getItem("set-aside:changes:1:lobby:x"), text);
  });
}
