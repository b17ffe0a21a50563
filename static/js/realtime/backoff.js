/** milliseconds */
const FIRST_DELAY = 500;
/** Most interruptions are short: while one is younger than this … Milliseconds. */
const SHORT_INTERRUPTION = 30_000;
/** … nobody waits longer than this, so that whatever it was, people are back soon after it. ms */
const LONGEST_AT_FIRST = 4_000;
/** milliseconds */
const LONGEST_DELAY = 30_000;

/**
 * How long to wait before coming back: full jitter, so that ten thousand tabs which lost the same
 * server do not return in the same second.
 */
export class Backoff {
  #failures = 0;
  /** When the first of these failures was. */
  /** @type {number | null} */
  #since = null;
  #random;
  #now;

  /**
   * @param {() => number} random from 0 up to 1
   * @param {() => number} now milliseconds
   */
  constructor(random = Math.random, now = Date.now) {
    this.#random = random;
    this.#now = now;
  }

  /** @returns {number} milliseconds */
  next() {
    this.#since ??= this.#now();
    const isYoung = this.#now() - this.#since < SHORT_INTERRUPTION;
    const longest = isYoung ? LONGEST_AT_FIRST : LONGEST_DELAY;
    const ceiling = Math.min(longest, FIRST_DELAY * 2 ** this.#failures);
    this.#failures += 1;
    return this.#random() * ceiling;
  }

  reset() {
    this.#failures = 0;
    this.#since = null;
  }
}
