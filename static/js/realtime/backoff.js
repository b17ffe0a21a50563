/** milliseconds */
const FIRST_DELAY = 500;
/** milliseconds */
const LONGEST_DELAY = 30_000;

/**
 * How long to wait before coming back: full jitter, so that ten thousand tabs which lost the same
 * server do not return in the same second.
 */
export class Backoff {
  #failures = 0;
  #random;

  /** @param {() => number} random from 0 up to 1 */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /** @returns {number} milliseconds */
  next() {
    const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures);
    this.#failures += 1;
    return this.#random() * ceiling;
  }

  reset() {
    this.#failures = 0;
  }
}
