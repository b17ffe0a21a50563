import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Outbox } from "../../static/js/models/outbox.js";
import { Delivery } from "../../static/js/realtime/delivery.js";
import { Requests } from "../../static/js/realtime/requests.js";
import { FakeLine, FakeShelf, settled } from "./fakes.js";

/** @import { Frame } from "../../static/js/protocol.js" */

/** @type {FakeShelf} */
let storage;
/** @type {FakeLine} */
let line;
/** @type {Outbox} */
let outbox;
/** @type {Delivery} */
let delivery;

beforeEach(() => {
  storage = new FakeShelf();
  line = new FakeLine();
  outbox = new Outbox(storage, "1:lobby");
  delivery = new Delivery({
    outbox,
    requests: new Requests(line),
    room: "lobby",
    mayRun: () => line.isOpen,
    lock: "outbox",
  });
});

// Whoever still waits for an answer gives up, and the test run can end.
afterEach(() => {
  line.close();
  mock.timers.reset();
});

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

/** What a reload would find. */
function kept() {
  return storage.keys().filter((key) => key.startsWith("outbox:"));
}

/** @param {number} milliseconds */
async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  await settled();
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

  const reloaded = new Outbox(storage, "1:lobby");

  assert.deepEqual(
    reloaded.entries.map(({ body }) => body),
    ["one", "two", "three"],
  );
});

test("another member's or room's messages are not mine to send", () => {
  write("one");

  assert.deepEqual(new Outbox(storage, "2:lobby").entries, []);
  assert.deepEqual(new Outbox(storage, "1:garden").entries, []);
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
  assert.equal(new Outbox(storage, "1:lobby").entries[0]?.state, "failed");
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
  write("echoed", "replied");
  delivery.run();
  await settled();

  outbox.reconcile(["id-echoed"], 1);
  await accept(1);
  await accept(2);
  assert.deepEqual(states(), ["replied accepted"]);
  outbox.reconcile(["id-replied"], 2);

  assert.deepEqual(states(), []);
  assert.deepEqual(kept(), []);
});

test("an accepted message is not on the storage: a reload would send it twice", async () => {
  write("one");
  delivery.run();
  await settled();

  await accept();

  assert.deepEqual(kept(), []);
  outbox.refresh();
  assert.deepEqual(states(), ["one accepted"]);
});

test("what another tab sent is not sent again", async () => {
  write("one");
  const elsewhere = new Outbox(storage, "1:lobby");
  elsewhere.accepted("id-one", { seq: 1, committed: "now" });

  delivery.run();
  await settled();

  assert.deepEqual(line.sent, []);
  assert.deepEqual(states(), []);
});

/** @param {(times: number) => Promise<void>} happen */
async function untilItFails(happen) {
  delivery.run();
  await settled();
  let times = 0;
  while (states()[0] !== "one failed" && times < 50) {
    times += 1;
    await happen(times);
  }
  return times;
}

test("a passing refusal that does not pass fails the message, and the next is sent", async () => {
  for (const code of ["busy", "unavailable", "rate_limited"]) {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    outbox.take("id-one");
    outbox.take("id-two");
    write("one", "two");

    const times = await untilItFails(async () => {
      await refuse(code, 500);
      await pass(8_000);
    });

    assert.equal(times, 8);
    assert.equal(outbox.entries[0]?.why, "No.");
    assert.equal(line.sent.at(-1)?.body, "two");
    await accept();
    mock.timers.reset();
  }
});

test("the waits between passing refusals grow, and are never shorter than was asked", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  write("one");
  const waits = [];
  delivery.run();
  await settled();
  for (const asked of [300, 300, 300, 300, 9_000, 300]) {
    const sent = line.sent.length;
    await refuse("busy", asked);
    let waited = 0;
    while (line.sent.length === sent && waited < 20_000) {
      await pass(100);
      waited += 100;
    }
    waits.push(waited);
  }

  assert.deepEqual(waits, [300, 2_000, 4_000, 8_000, 9_000, 8_000]);
});

test("a message that is never answered fails after the second silence", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  write("one", "two");

  const times = await untilItFails(() => pass(16_000));

  assert.ok(times <= 3, `${times} times`);
  assert.deepEqual(states(), ["one failed", "two sending"]);
  assert.equal(outbox.entries[0]?.why, "The server does not answer it.");
});

for (const code of [1006, 1011, 1009, 4500]) {
  test(`a message that ends its connection twice (${code}) is not sent a third time`, async () => {
    write("one", "two");
    for (const again of [true, false]) {
      delivery.run();
      await settled();
      assert.equal(line.sent.at(-1)?.body, "one");
      line.close(code);
      await settled();
      // A page that was loaded anew counts on.
      outbox = new Outbox(storage, "1:lobby");
      assert.deepEqual(states(), [again ? "one waiting" : "one failed", "two waiting"]);
      const requests = new Requests(line);
      const lock = "outbox";
      delivery = new Delivery({ outbox, requests, room: "lobby", mayRun: () => line.isOpen, lock });
      line.open();
    }
    delivery.run();
    await settled();

    assert.equal(line.sent.at(-1)?.body, "two");
  });
}

for (const [code, reason] of /** @type {[number, string][]} */ ([
  [4000, "This node is restarting."],
  [4001, ""],
  [1012, ""],
  [1006, "no sign of life"],
])) {
  test(`a connection that ended for a reason of its own (${code}) is no fault of a message`, async () => {
    write("one");
    for (let times = 0; times < 5; times += 1) {
      line.open();
      delivery.run();
      await settled();
      line.close(code, reason);
      await settled();
    }

    assert.deepEqual(states(), ["one waiting"]);
  });
}

test("a message is no fault of a connection that ends long after it was sent", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  write("one");
  for (let times = 0; times < 4; times += 1) {
    line.open();
    delivery.run();
    await settled();
    await pass(5_000);
    line.close(1006);
    await settled();
  }

  assert.deepEqual(states(), ["one waiting"]);
});

test("a refusal without a ref is the answer to the message on its way", async () => {
  write("one", "two");
  delivery.run();
  await settled();

  line.say({ type: "command.rejected", ref: null, code: "bad_frame", detail: "No JSON." });
  await settled();

  assert.deepEqual(states(), ["one failed", "two sending"]);
  assert.equal(outbox.entries[0]?.why, "No JSON.");
});

test("what is taken back while it is on its way holds up nobody", async () => {
  write("one", "two", "three");
  delivery.run();
  await settled();

  outbox.take("id-one");
  await settled();
  assert.equal(line.sent.at(-1)?.body, "two");
  await refuse("busy", 60_000);
  outbox.take("id-two");
  await settled();

  assert.equal(line.sent.at(-1)?.body, "three");
});

test("what another tab takes back is not sent on", async () => {
  write("one", "two");
  delivery.run();
  await settled();
  await refuse("unavailable", 60_000);

  new Outbox(storage, "1:lobby").take("id-one");
  outbox.refresh();
  await settled();

  assert.equal(line.sent.at(-1)?.body, "two");
});

test("sent again by hand, a message has all its tries anew", async () => {
  write("one");
  outbox.waiting("id-one", 7);
  outbox.failed("id-one", { code: "busy", why: "No." });

  outbox.waiting("id-one");

  assert.equal(new Outbox(storage, "1:lobby").entries[0]?.strikes ?? 0, 0);
});

test("only what takes long can be had back while it is on its way", () => {
  write("one");
  outbox.sending("id-one");

  outbox.markSlow(999);
  assert.ok(!outbox.entries[0]?.isSlow);
  outbox.markSlow(1_000);

  assert.ok(outbox.entries[0]?.isSlow);
});

for (const [what, text] of Object.entries({
  "no JSON": "{",
  null: "null",
  "a number": "7",
  "a list": "[]",
  "an empty object": "{}",
  "a text of another kind": '{"body":{"a":1},"client_id":"id-spoilt"}',
})) {
  test(`an entry that is ${what} is set aside, and the others are sent`, async () => {
    write("one");
    storage.setItem("outbox:1:lobby:id-spoilt", text);

    outbox = new Outbox(storage, "1:lobby");

    assert.deepEqual(states(), ["one waiting"]);
    assert.equal(storage.getItem("set-aside:outbox:1:lobby:id-spoilt"), text);
    assert.equal(kept().length, 1);
  });
}

test("an entry of which only the text is left can be had back", () => {
  storage.setItem("outbox:1:lobby:id-a", '{"body":"a long thought","order":"yesterday"}');
  storage.setItem("outbox:1:lobby:id-b", '{"body":"short","client_id":"other","order":2}');
  storage.setItem(
    "outbox:1:lobby:id-c",
    '{"body":"odd","client_id":"id-c","order":3,"state":"flying","reply_to":"x"}',
  );

  outbox = new Outbox(storage, "1:lobby");

  assert.deepEqual(states(), ["a long thought failed", "short failed", "odd failed"]);
  assert.match(outbox.entries[0]?.why ?? "", /damaged/);
});

test("when all storage is emptied, nothing is taken for sent", async () => {
  write("one", "two");

  storage.items.clear();
  outbox.refresh();

  assert.deepEqual(states(), ["one waiting", "two waiting"]);
  assert.equal(new Outbox(storage, "1:lobby").entries.length, 2);
});
