import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Outbox } from "../../static/js/models/outbox.js";
import { settled } from "./fakes.js";
import {
  accept,
  delivery,
  line,
  outbox,
  pass,
  refuse,
  reload,
  sentBodies,
  states,
  storage,
  write,
} from "./outbox-rig.js";

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
      reload();
      assert.deepEqual(states(), [again ? "one waiting" : "one failed", "two waiting"]);
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

  line.receive({ type: "command.rejected", ref: null, code: "bad_frame", detail: "No JSON." });
  await settled();

  assert.deepEqual(states(), ["one failed", "two sending"]);
  assert.equal(outbox.entries[0]?.why, "No JSON.");
});

test("what is taken back while it is on its way holds up nobody", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
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

test("sent again by hand, a message has all its tries anew", async () => {
  write("one");
  outbox.waiting("id-one", 7);
  outbox.failed("id-one", { code: "busy", why: "No." });

  outbox.waiting("id-one");

  assert.equal(new Outbox(storage, "1:lobby").entries[0]?.strikes ?? 0, 0);
});
