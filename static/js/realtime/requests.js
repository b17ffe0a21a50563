import { Reply } from "../protocol.js";
import { browserTimers } from "./heartbeat.js";

/** @import { CommandRejected, Frame } from "../protocol.js" */
/** @import { Timers } from "./heartbeat.js" */

/** milliseconds */
const REPLY_DEADLINE = 15_000;

/** The server refused a command. */
export class Rejected extends Error {
  /** @param {CommandRejected} rejection */
  constructor({ code, detail, retry_ms }) {
    super(detail || code);
    this.code = code;
    this.retryMs = retry_ms;
  }
}

/** No answer came: whether the command was carried out is unknown. */
export class Unanswered extends Error {
  /**
   * @param {string} why
   * @param {{ code?: number, reason?: string }} [close] if the connection was lost meanwhile
   */
  constructor(why, close) {
    super(why);
    this.close = close;
  }
}

/**
 * @typedef {EventTarget & {
 *   isOpen: boolean, state?: { code?: number, reason?: string }, send: (frame: Frame) => boolean,
 * }} Line what is needed of a Connection
 */

/**
 * Commands with their replies: `ask` resolves to the reply that bears the command's `ref`. A refusal
 * without one is of a command that the server could not read: it is taken as the answer to the
 * oldest that waits, so that nobody waits for ever.
 */
export class Requests {
  #line;
  #timers;
  #count = 0;
  /** @type {Map<string, { resolve: (reply: any) => void, reject: (error: Error) => void, timer: any }>} */
  #open = new Map();

  /**
   * @param {Line} line
   * @param {Timers} timers
   */
  constructor(line, timers = browserTimers) {
    this.#line = line;
    this.#timers = timers;
    line.addEventListener("frame", (event) =>
      this.#reconcile(/** @type {CustomEvent} */ (event).detail),
    );
    line.addEventListener("state", () => this.#giveUpIfClosed());
  }

  /**
   * @param {{ type: string, [field: string]: any }} command without its `ref`
   * @returns {Promise<any>} the reply; rejects with Rejected or Unanswered
   */
  ask(command) {
    this.#count += 1;
    const ref = String(this.#count);
    return new Promise((resolve, reject) => {
      if (!this.#line.send({ ...command, ref })) {
        reject(new Unanswered("not connected", {}));
        return;
      }
      const timer = this.#timers.setTimeout(() => this.#giveUp(ref, "no reply"), REPLY_DEADLINE);
      this.#open.set(ref, { resolve, reject, timer });
    });
  }

  /** @param {Frame} frame */
  #reconcile(frame) {
    const isRefusal = frame.type === Reply.COMMAND_REJECTED;
    const [oldest] = this.#open.keys();
    const ref = isRefusal ? (frame.ref ?? oldest) : frame.ref;
    const request = ref && this.#open.get(ref);
    if (request) {
      this.#forget(ref);
      if (isRefusal) {
        request.reject(new Rejected(/** @type {CommandRejected} */ (frame)));
      } else {
        request.resolve(frame);
      }
    }
  }

  #giveUpIfClosed() {
    if (!this.#line.isOpen) {
      for (const ref of [...this.#open.keys()]) {
        this.#giveUp(ref, "connection lost", this.#line.state ?? {});
      }
    }
  }

  /**
   * @param {string} ref
   * @param {string} why
   * @param {{ code?: number, reason?: string }} [close]
   */
  #giveUp(ref, why, close) {
    this.#open.get(ref)?.reject(new Unanswered(why, close));
    this.#forget(ref);
  }

  /** @param {string} ref */
  #forget(ref) {
    this.#timers.clearTimeout(this.#open.get(ref)?.timer);
    this.#open.delete(ref);
  }
}
