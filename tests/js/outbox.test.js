import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Outbox } from "../../static/js/models/outbox.js";
import { settled } from "./fakes.js";
import {
  accept,
  delivery,
  kept,
  line,
  outbox,
  refuse,
  reload,
  states,
  storage,
  write,
} from "./outbox-rig.js";

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

test("what another tab takes back is not sent on", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  write("one", "two");
  delivery.run();
  await settled();
  await refuse("unavailable", 60_000);

  new Outbox(storage, "1:lobby").take("id-one");
  outbox.refresh();
  await settled();

  assert.equal(line.sent.at(-1)?.body, "two");
});

test("what another tab takes back stays so, though this one stored it once more meanwhile", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  write("stuck", "behind");
  delivery.run();
  await settled();

  new Outbox(storage, "1:lobby").take("id-stuck");
  await refuse("unavailable", 60_000);
  assert.equal(kept().length, 2);
  outbox.changedElsewhere({ key: "outbox:1:lobby:id-stuck", newValue: null });
  await settled();

  assert.equal(line.sent.at(-1)?.body, "behind");
  assert.deepEqual(kept(), ["outbox:1:lobby:id-behind"]);
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

    reload();

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

  reload();

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
