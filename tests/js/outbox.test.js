import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Outbox } from "../../static/js/models/outbox.js";
import { Delivery } from "../../static/js/realtime/delivery.js";
import { Requests } from "../../static/js/realtime/requests.js";
import { FakeLine, FakeShelf, settled } from "./fakes.js";

/** @import { Frame } from "../../static/js/protocol.js" */

/** @type {FakeShelf} */
let shelf;
/** @type {FakeLine} */
let line;
/** @type {Outbox} */
let outbox;
/** @type {Delivery} */
let delivery;

beforeEach(() => {
  shelf = new FakeShelf();
  line = new FakeLine();
  outbox = new Outbox(shelf, "1:lobby");
  delivery = new Delivery({
    outbox,
    requests: new Requests(line),
    room: "lobby",
    mayRun: () => line.isOpen,
    lock: "outbox",
  });
});

// Whoever still waits for an answer gives up, and the test run can end.
afterEach(() => line.close());

/** @param {string[]} bodies */
function write(...bodies) {
  for (const body of bodies) {
    outbox.add({ client_id: `id-${body}`, body }, 1_000);
  }
}

/** The server takes the last message sent. */
async function accept(seq = 1) {
  const { ref, client_id } = /** @type {Frame} */ (line.sent.at(-1));
  const trace = { received: "then", committed: "now" };
  line.say({ type: "message.accepted", ref, client_id, seq, id: "uid", trace });
  await settled();
}

/**
 * @param {string} code
 * @param {number} [retry_ms]
 */
async function refuse(code, retry_ms) {
  const ref = line.sent.at(-1)?.ref;
  line.say({ type: "command.rejected", ref, code, detail: "No.", retry_ms });
  await settled();
}

function sentBodies() {
  return line.sent.map(({ body }) => body);
}

function states() {
  return outbox.entries.map(({ body, state }) => `${body} ${state}`);
}

test("messages are sent one after the other, in the order in which they were written", async () => {
  write("one", "two", "three");

  delivery.run();
  await settled();
  assert.deepEqual(sentBodies(), ["one"]);
  await accept(1);
  await accept(2);
  await accept(3);

  assert.deepEqual(sentBodies(), ["one", "two", "three"]);
  assert.deepEqual(states(), ["one accepted", "two accepted", "three accepted"]);
});

test("what was written before the network went is sent when it is back, under the same id", async () => {
  write("one");
  delivery.run();
  await settled();

  line.close();
  await settled();
  assert.deepEqual(states(), ["one waiting"]);
  line.open();
  delivery.run();
  await settled();

  assert.deepEqual(
    line.sent.map(({ client_id }) => client_id),
    ["id-one", "id-one"],
  );
});

test("a message says how long it waited for the network, if it did", async () => {
  outbox.add({ client_id: "id-old", body: "old" }, Date.now() - 60_000);
  outbox.add({ client_id: "id-new", body: "new" }, Date.now());

  delivery.run();
  await settled();
  await accept(1);

  const [old, fresh] = line.sent;
  assert.ok(old?.waited_ms >= 60_000 && old?.waited_ms < 120_000);
  assert.equal(fresh?.waited_ms, undefined);
});

test("a reloaded page has what was not sent, in order", () => {
  write("one", "two", "three");

  const reloaded = new Outbox(shelf, "1:lobby");

  assert.deepEqual(
    reloaded.entries.map(({ body }) => body),
    ["one", "two", "three"],
  );
});

test("another member's or room's messages are not mine to send", () => {
  write("one");

  assert.deepEqual(new Outbox(shelf, "2:lobby").entries, []);
  assert.deepEqual(new Outbox(shelf, "1:garden").entries, []);
});

test("a busy server is asked again for the same message before the next one", async () => {
  write("one", "two");
  delivery.run();
  await settled();

  await refuse("busy", 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(sentBodies(), ["one", "one"]);
  await accept(1);

  assert.deepEqual(sentBodies(), ["one", "one", "two"]);
});

test("a final refusal fails the message and does not hold up the next", async () => {
  write("one", "two");
  delivery.run();
  await settled();

  await refuse("too_long");

  assert.deepEqual(states(), ["one failed", "two sending"]);
  assert.equal(outbox.entries[0]?.why, "No.");
  assert.equal(new Outbox(shelf, "1:lobby").entries[0]?.state, "failed");
});

test("a failed message is sent again when asked to, or can be taken out", async () => {
  write("one", "two");
  outbox.failed("id-one", { code: "forbidden", why: "No." });
  outbox.failed("id-two", { code: "forbidden", why: "No." });

  outbox.waiting("id-one");
  assert.equal(outbox.take("id-two")?.body, "two");
  delivery.run();
  await settled();

  assert.deepEqual(sentBodies(), ["one"]);
  assert.deepEqual(states(), ["one sending"]);
});

test("the echo may come before the acknowledgement, or after it", async () => {
  write("echo first", "reply first");
  delivery.run();
  await settled();

  outbox.settle(["id-echo first"], 1);
  await accept(1);
  await accept(2);
  assert.deepEqual(states(), ["reply first accepted"]);
  outbox.settle(["id-reply first"], 2);

  assert.deepEqual(states(), []);
  assert.equal(shelf.length, 0);
});

test("an accepted message is not on the shelf: a reload would send it twice", async () => {
  write("one");
  delivery.run();
  await settled();

  await accept();

  assert.equal(shelf.length, 0);
  outbox.refresh();
  assert.deepEqual(states(), ["one accepted"]);
});

test("what another tab sent is not sent again", async () => {
  write("one");
  const elsewhere = new Outbox(shelf, "1:lobby");
  elsewhere.accepted("id-one", { seq: 1, committed: "now" });

  delivery.run();
  await settled();

  assert.deepEqual(line.sent, []);
  assert.deepEqual(states(), []);
});
