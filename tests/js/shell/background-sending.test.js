import assert from "node:assert/strict";
import { test } from "node:test";
import "#dom";
import { BrowserStorage } from "../../../static/js/helpers/storage.js";
import { Outbox } from "../../../static/js/models/outbox.js";
import { Requests } from "../../../static/js/realtime/requests.js";
import { BackgroundSending } from "../../../static/js/shell/background-sending.js";
import { CurrentRoom } from "../../../static/js/shell/current-room.js";
import { RoomSessions } from "../../../static/js/shell/room-sessions.js";
import { FakeLine, settled } from "../fakes.js";

/** @import { Frame } from "../../../static/js/protocol.js" */

const ME = { id: 1, name: "Ada" };

/** Two messages wait in the garden, of which this tab holds nothing; it is live in the lobby. */
async function sending() {
  const storage = new BrowserStorage(() => localStorage);
  const written = new Outbox(storage, "1:garden");
  written.add({ client_id: "id-one", body: "one" }, 1_000);
  written.add({ client_id: "id-two", body: "two" }, 1_001);
  const line = new FakeLine();
  const feed = new EventTarget();
  const current = new CurrentRoom(/** @type {any} */ ({ key: "lobby", feed }));
  const make = () => /** @type {any} */ ({});
  const sessions = new RoomSessions(make, line);
  const requests = new Requests(line);
  const parts = { me: ME, current, sessions, connection: line, requests, storage };
  new BackgroundSending(/** @type {any} */ (parts)).connect();
  feed.dispatchEvent(new CustomEvent("live"));
  await settled();
  assert.deepEqual(bodies(line), ["one"]);
  return { storage, line, sessions };
}

/** @param {FakeLine} line */
function bodies(line) {
  return line.sent.map(({ body }) => body);
}

/** @param {FakeLine} line */
async function accept(line) {
  const { ref, client_id } = /** @type {Frame} */ (line.sent.at(-1));
  const trace = { received: "then", committed: "now" };
  line.receive({ type: "message.accepted", ref, client_id, seq: 1, id: "uid", trace });
  await settled();
}

test("what was written in a room of which nothing is held is sent, in order", async () => {
  const { line } = await sending();

  await accept(line);
  assert.deepEqual(bodies(line), ["one", "two"]);
  await accept(line);

  assert.deepEqual(bodies(line), ["one", "two"]);
});

test("what is discarded in another tab meanwhile is not sent", async () => {
  const { storage, line } = await sending();

  const key = "outbox:1:garden:id-two";
  storage.removeItem(key);
  dispatchEvent(new StorageEvent("storage", { key, newValue: null }));
  await accept(line);

  assert.deepEqual(bodies(line), ["one"]);
});

test("what is discarded in this tab, in the room that was opened meanwhile, is not sent", async () => {
  const { storage, line, sessions } = await sending();

  const outbox = new Outbox(storage, "1:garden");
  const session = { key: "garden", outbox, changes: new EventTarget(), feed: new EventTarget() };
  sessions.add(/** @type {any} */ (session));
  outbox.take("id-two");
  await accept(line);

  assert.deepEqual(bodies(line), ["one"]);
});
