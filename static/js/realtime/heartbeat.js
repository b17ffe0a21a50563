/** The server speaks every 25 s; this much silence is a dead connection. Milliseconds. */
const LONGEST_SILENCE = 35_000;
/** After sleep a ping must be answered within this time. Milliseconds. */
const PROBE_DEADLINE = 3_000;

/**
 * @typedef {{
 *   setTimeout: (callback: () => void, delay: number) => any,
 *   clearTimeout: (timer: any) => void,
 * }} Timers
 */

/** @type {Timers} */
export const browserTimers = {
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * Notices that a connection died without saying so. Dispatches `dead` once per `start`, and
 * `probe` when a ping should be sent.
 */
export class Heartbeat extends EventTarget {
  #timers;
  /** @type {any} */
  #timer = null;
  #beating = false;

  /** @param {Timers} timers */
  constructor(timers = browserTimers) {
    super();
    this.#timers = timers;
  }

  start() {
    this.#beating = true;
    this.#expectFrameWithin(LONGEST_SILENCE);
  }

  stop() {
    this.#beating = false;
    this.#timers.clearTimeout(this.#timer);
  }

  /** A frame arrived: whatever it was, the connection lives. */
  heard() {
    if (this.#beating) {
      this.#expectFrameWithin(LONGEST_SILENCE);
    }
  }

  /** The machine may have slept: ask now instead of waiting for the silence to be noticed. */
  probe() {
    if (this.#beating) {
      this.dispatchEvent(new Event("probe"));
      this.#expectFrameWithin(PROBE_DEADLINE);
    }
  }

  /** @param {number} delay milliseconds */
  #expectFrameWithin(delay) {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.#die(), delay);
  }

  #die() {
    this.stop();
    this.dispatchEvent(new Event("dead"));
  }
}
