import { gettext } from "../helpers/i18n.js";
import { sleep } from "../helpers/timing.js";
import { CloseCode, isPassing } from "../protocol.js";
import { Rejected, Unanswered } from "./requests.js";

/** @import { Queued, StoredQueue } from "../models/stored-queue.js" */
/** @import { Requests } from "./requests.js" */

/** Before trying again when the server did not say how long to wait; doubled each time. ms */
const FIRST_DELAY = 1_000;
/** milliseconds */
const LONGEST_DELAY = 8_000;
/** A connection that ends so soon after something was sent may have ended because of it. ms */
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

/** What speaks against an entry: eight passing refusals, or two sendings that ended in silence … */
const STRIKES = Object.freeze({ refused: 1, unanswered: 4 });
/** … and it fails, so that those behind it are sent. Its author can still send it again. */
const MOST_STRIKES = 8;

/** The entry was taken out of the queue while it was on its way. */
class TakenBack extends Error {}

/**
 * @typedef {{
 *   requests: Requests, room: string, mayRun: () => boolean, lock: string,
 * }} Line `mayRun`: connected and caught up; `lock`: which of several tabs holds to send
 */

/**
 * Empties a queue, one entry after the other: the next is not sent before the one before has its
 * answer, so nothing is ever reordered; nor does one that cannot be sent hold up the others for
 * longer than a minute or two. Of several tabs, one sends. Dispatches `sending` (detail: the entry's
 * id), `accepted` (detail: the reply) and `refused` (detail: { id, code, why }).
 *
 * @template {Queued} T
 */
export class QueueDelivery extends EventTarget {
  #queue;
  #requests;
  #room;
  #mayRun;
  #lock;
  #commandOf;
  #receiptOf;
  #running = false;
  /** The entry on its way, and what ends the waiting for it. */
  /** @type {{ id: string, giveUp: (error: Error) => void } | null} */
  #current = null;

  /**
   * @param {Line & {
   *   queue: StoredQueue<T>,
   *   commandOf: (entry: T) => { type: string, [field: string]: any },
   *   receiptOf: (reply: any) => object,
   * }} parts `receiptOf`: what the queue notes of the reply
   */
  constructor({ queue, requests, room, mayRun, lock, commandOf, receiptOf }) {
    super();
    this.#queue = queue;
    this.#requests = requests;
    this.#room = room;
    this.#mayRun = mayRun;
    this.#lock = lock;
    this.#commandOf = commandOf;
    this.#receiptOf = receiptOf;
    queue.addEventListener("change", () => this.#giveUpIfTakenBack());
  }

  async run() {
    if (this.#running) {
      return;
    }
    this.#running = true;
    try {
      while (this.#mayRun() && this.#queue.next) {
        await this.#alone(() => this.#sendAll());
      }
    } finally {
      this.#running = false;
    }
  }

  /** @param {() => Promise<void>} action */
  async #alone(action) {
    // Pages over plain HTTP have no locks: there the server alone keeps what is sent twice single.
    const locks = globalThis.navigator?.locks;
    await (locks ? locks.request(this.#lock, action) : action());
  }

  async #sendAll() {
    this.#queue.refresh();
    for (let entry = this.#queue.next; entry && this.#mayRun(); entry = this.#queue.next) {
      await this.#send(entry);
    }
  }

  /** @param {T} entry */
  async #send(entry) {
    /** @type {Promise<never>} */
    const takenBack = new Promise((_, giveUp) => {
      this.#current = { id: this.#queue.idOf(entry), giveUp };
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

  /** @param {T} entry */
  async #sendOnce(entry) {
    const id = this.#queue.idOf(entry);
    const now = Date.now();
    this.#queue.sending(id);
    try {
      this.dispatchEvent(new CustomEvent("sending", { detail: id }));
      const command = { ...this.#commandOf(entry), room: this.#room };
      const reply = await this.#requests.ask(command);
      this.dispatchEvent(new CustomEvent("accepted", { detail: reply }));
      this.#queue.accepted(id, this.#receiptOf(reply));
    } catch (error) {
      await this.#handle(entry, error, Date.now() - now);
    }
  }

  /**
   * @param {T} entry
   * @param {unknown} error
   * @param {number} elapsed milliseconds since it was sent
   */
  async #handle(entry, error, elapsed) {
    if (!(error instanceof Rejected || error instanceof Unanswered)) {
      throw error;
    }
    const id = this.#queue.idOf(entry);
    const strikes = (entry.strikes ?? 0) + strikesOf(error, elapsed);
    if (this.#queue.get(id)?.state !== "sending") {
      // Its author holds it back meanwhile.
      return;
    }
    const isFinal = error instanceof Rejected && !isPassing(error.code);
    if (isFinal || strikes >= MOST_STRIKES) {
      const refusal = refusalIn(error);
      this.#queue.failed(id, refusal);
      this.dispatchEvent(new CustomEvent("refused", { detail: { id, ...refusal } }));
    } else {
      this.#queue.waiting(id, strikes);
      await (this.#mayRun() && sleep(delayAfter(error, strikes)));
    }
  }

  #giveUpIfTakenBack() {
    if (this.#current && !this.#queue.holds(this.#current.id)) {
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
 * @returns {boolean} whether the entry may have ended the connection that it was sent on
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
    ? gettext("The connection broke each time it was sent.")
    : gettext("The server does not answer it.");
  return { code: "unanswered", why };
}
