import { sleep } from "../helpers/timing.js";
import { CloseCode, Command, isPassing } from "../protocol.js";
import { Rejected, Unanswered } from "./requests.js";

/** @import { MessageAccepted } from "../protocol.js" */
/** @import { Entry, Outbox } from "../models/outbox.js" */
/** @import { Requests } from "./requests.js" */

/** Before trying again when the server did not say how long to wait; doubled each time. ms */
const FIRST_DELAY = 1_000;
/** milliseconds */
const LONGEST_DELAY = 8_000;
/** A message that waited longer says so, for the operator's figures. Milliseconds. */
const WORTH_TELLING = 1_000;
/** A connection that ends so soon after a message was sent may have ended because of it. ms */
const SUSPICIOUS_TIME = 3_000;
/** Ends that have other reasons: a restart, a slow reader, too much at once. */
/** @type {Set<number | undefined>} */
const INNOCENT = new Set([
  1001,
  1012,
  CloseCode.DRAINING,
  CloseCode.SLOW,
  CloseCode.RESYNC,
  CloseCode.IDLE,
  CloseCode.RATE,
  CloseCode.SIGN_IN,
  CloseCode.BANNED,
  CloseCode.TOO_OLD,
]);

/** What speaks against a message: eight passing refusals, or two sendings that ended in silence … */
const STRIKES = Object.freeze({ refused: 1, unanswered: 4 });
/** … and it fails, so that those behind it are sent. Its author can still send it again. */
const MOST_STRIKES = 8;

/** The message was taken out of the outbox while it was on its way. */
class TakenBack extends Error {}

/**
 * Empties an outbox, one message after the other: the next is not sent before the one before has
 * its answer, so nothing is ever reordered; nor does one that cannot be sent hold up the others for
 * longer than a minute or two. Of several tabs, one sends. Dispatches `sending` (detail: its
 * client_id) and `accepted` (detail: MessageAccepted).
 */
export class Delivery extends EventTarget {
  #outbox;
  #requests;
  #room;
  #mayRun;
  #lock;
  #running = false;
  /** The message on its way, and what ends the waiting for it. */
  /** @type {{ client_id: string, giveUp: (error: Error) => void } | null} */
  #current = null;

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
    outbox.addEventListener("change", () => this.#giveUpIfTakenBack());
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
  async #send(entry) {
    const { client_id } = entry;
    /** @type {Promise<never>} */
    const takenBack = new Promise((_, giveUp) => {
      this.#current = { client_id, giveUp };
    });
    try {
      await Promise.race([this.#sendOnce(entry), takenBack]);
    } catch (error) {
      if (!(error instanceof TakenBack)) {
        throw error;
      }
    } finally {
      this.#current = null;
    }
  }

  /** @param {Entry} entry */
  async #sendOnce(entry) {
    const { client_id, body, reply_to, order } = entry;
    const now = Date.now();
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
        ...(now - order > WORTH_TELLING && { waited_ms: now - order }),
      });
      this.dispatchEvent(new CustomEvent("accepted", { detail: accepted }));
      const { seq, trace } = accepted;
      this.#outbox.accepted(client_id, { seq, committed: trace.committed });
    } catch (error) {
      await this.#handle(entry, error, Date.now() - now);
    }
  }

  /**
   * @param {Entry} entry
   * @param {unknown} error
   * @param {number} elapsed milliseconds since it was sent
   */
  async #handle(entry, error, elapsed) {
    if (!(error instanceof Rejected || error instanceof Unanswered)) {
      throw error;
    }
    const { client_id } = entry;
    const strikes = (entry.strikes ?? 0) + strikesOf(error, elapsed);
    const isFinal = error instanceof Rejected && !isPassing(error.code);
    if (isFinal || strikes >= MOST_STRIKES) {
      this.#outbox.failed(client_id, refusalIn(error));
    } else {
      this.#outbox.waiting(client_id, strikes);
      await (this.#mayRun() && sleep(delayAfter(error, strikes)));
    }
  }

  #giveUpIfTakenBack() {
    if (this.#current && !this.#outbox.holds(this.#current.client_id)) {
      this.#current.giveUp(new TakenBack());
    }
  }
}

/**
 * @param {Rejected | Unanswered} error
 * @param {number} elapsed milliseconds
 */
function strikesOf(error, elapsed) {
  if (error instanceof Rejected) {
    return STRIKES.refused;
  }
  return error.close === undefined || mayHaveCaused(error.close, elapsed) ? STRIKES.unanswered : 0;
}

/**
 * @param {{ code?: number, reason?: string }} close
 * @param {number} elapsed milliseconds
 * @returns {boolean} whether the message may have ended the connection that it was sent on
 */
function mayHaveCaused({ code, reason }, elapsed) {
  // Abnormal with a reason: it was us who gave a silent network up.
  const isOurs = code === 1006 && Boolean(reason);
  const isOffline = globalThis.navigator?.onLine === false;
  return (
    code !== undefined && !INNOCENT.has(code) && !isOurs && !isOffline && elapsed <= SUSPICIOUS_TIME
  );
}

/**
 * @param {Rejected | Unanswered} error
 * @param {number} strikes
 * @returns {number} milliseconds
 */
function delayAfter(error, strikes) {
  if (!(error instanceof Rejected)) {
    return FIRST_DELAY;
  }
  const asked = error.retryMs || FIRST_DELAY;
  // Who is too fast knows when it is time again; who is in trouble may not.
  const grows = error.code !== "rate_limited" && strikes > 1;
  return grows ? Math.max(asked, Math.min(FIRST_DELAY * 2 ** (strikes - 1), LONGEST_DELAY)) : asked;
}

/**
 * @param {Rejected | Unanswered} error
 * @returns {{ code: string, why: string }}
 */
function refusalIn(error) {
  if (error instanceof Rejected) {
    return { code: error.code, why: error.message };
  }
  const why = error.close
    ? "The connection broke each time it was sent."
    : "The server does not answer it.";
  return { code: "unanswered", why };
}
