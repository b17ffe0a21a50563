import { sleep } from "../helpers/timing.js";
import { Command, isPassing } from "../protocol.js";
import { Rejected, Unanswered } from "./requests.js";

/** @import { MessageAccepted } from "../protocol.js" */
/** @import { Entry, Outbox } from "../models/outbox.js" */
/** @import { Requests } from "./requests.js" */

/** Before trying again when the server did not say how long to wait. Milliseconds. */
const RETRY_DELAY = 1_000;
/** A message that waited longer says so, for the operator's figures. Milliseconds. */
const WORTH_TELLING = 1_000;

/**
 * Empties an outbox, one message after the other: the next is not sent before the one before has
 * its answer, so nothing is ever reordered. Of several tabs, one sends. Dispatches `sending`
 * (detail: its client_id) and `accepted` (detail: MessageAccepted).
 */
export class Delivery extends EventTarget {
  #outbox;
  #requests;
  #room;
  #mayRun;
  #lock;
  #running = false;

  /**
   * @param {{
   *   outbox: Outbox, requests: Requests, room: string, mayRun: () => boolean, lock: string,
   * }} parts `mayRun`: connected and caught up
   */
  constructor({ outbox, requests, room, mayRun, lock }) {
    super();
    this.#outbox = outbox;
    this.#requests = requests;
    this.#room = room;
    this.#mayRun = mayRun;
    this.#lock = lock;
  }

  async run() {
    if (this.#running) {
      return;
    }
    this.#running = true;
    try {
      while (this.#mayRun() && this.#outbox.next) {
        await this.#alone(() => this.#sendAll());
      }
    } finally {
      this.#running = false;
    }
  }

  /** @param {() => Promise<void>} action */
  async #alone(action) {
    // Pages over plain HTTP have no locks: there the client_id alone keeps a message single.
    const locks = globalThis.navigator?.locks;
    await (locks ? locks.request(this.#lock, action) : action());
  }

  async #sendAll() {
    this.#outbox.refresh();
    for (let entry = this.#outbox.next; entry && this.#mayRun(); entry = this.#outbox.next) {
      await this.#send(entry);
    }
  }

  /** @param {Entry} entry */
  async #send({ client_id, body, reply_to, order }) {
    const waited = Date.now() - order;
    this.#outbox.sending(client_id);
    try {
      this.dispatchEvent(new CustomEvent("sending", { detail: client_id }));
      /** @type {MessageAccepted} */
      const accepted = await this.#requests.ask({
        type: Command.SEND_MESSAGE,
        room: this.#room,
        client_id,
        body,
        ...(reply_to && { reply_to }),
        ...(waited > WORTH_TELLING && { waited_ms: waited }),
      });
      this.dispatchEvent(new CustomEvent("accepted", { detail: accepted }));
      const { seq, trace } = accepted;
      this.#outbox.accepted(client_id, { seq, committed: trace.committed });
    } catch (error) {
      await this.#handle(client_id, error);
    }
  }

  /**
   * @param {string} client_id
   * @param {unknown} error
   */
  async #handle(client_id, error) {
    if (error instanceof Rejected && !isPassing(error.code)) {
      this.#outbox.failed(client_id, { code: error.code, why: error.message });
    } else if (error instanceof Rejected || error instanceof Unanswered) {
      this.#outbox.waiting(client_id);
      await (this.#mayRun() && sleep((error instanceof Rejected && error.retryMs) || RETRY_DELAY));
    } else {
      throw error;
    }
  }
}
