import { afterEach, beforeEach, mock } from "node:test";
import { Outbox } from "../../static/js/models/outbox.js";
import { Delivery } from "../../static/js/realtime/delivery.js";
import { Requests } from "../../static/js/realtime/requests.js";
import { FakeLine, FakeStorage, settled } from "./fakes.js";

/** @import { Frame } from "../../static/js/protocol.js" */

// What one member writes in one room, and a server that is the test: new for each one.

/** @type {FakeStorage} */
export let storage;
/** @type {FakeLine} */
export let line;
/** @type {Outbox} */
export let outbox;
/** @type {Delivery} */
export let delivery;

beforeEach(() => {
  storage = new FakeStorage();
  line = new FakeLine();
  reload();
});

// Who still waits for an answer gives up, and the test run can end.
afterEach(() => {
  line.close();
  mock.timers.reset();
});

/** The page is loaded anew. */
export function reload() {
  outbox = new Outbox(storage, "1:lobby");
  delivery = new Delivery({
    outbox,
    requests: new Requests(line),
    room: "lobby",
    mayRun: () => line.isOpen,
    lock: "outbox",
  });
}

/** @param {string[]} bodies */
export function write(...bodies) {
  for (const body of bodies) {
    outbox.add({ client_id: `id-${body}`, body }, 1_000);
  }
}

/** The server takes the last message sent. */
export async function accept(seq = 1) {
  const { ref, client_id } = /** @type {Frame} */ (line.sent.at(-1));
  const trace = { received: "then", committed: "now" };
  line.receive({ type: "message.accepted", ref, client_id, seq, id: "uid", trace });
  await settled();
}

/**
 * @param {string} code
 * @param {number} [retry_ms]
 */
export async function refuse(code, retry_ms) {
  const ref = line.sent.at(-1)?.ref;
  line.receive({ type: "command.rejected", ref, code, detail: "No.", retry_ms });
  await settled();
}

export function sentBodies() {
  return line.sent.map(({ body }) => body);
}

export function states() {
  return outbox.entries.map(({ body, state }) => `${body} ${state}`);
}

/** What a reload would find. */
export function kept() {
  return storage.keys().filter((key) => key.startsWith("outbox:"));
}

/** @param {number} milliseconds */
export async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  await settled();
}
