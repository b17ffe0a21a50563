/** So many measurements are remembered. */
const MOST_SAMPLES = 60;
/** The offset is taken from the quickest of this many newest ones. */
const TRUSTED = 20;

/**
 * How the server's clock differs from ours, as NTP does it: of several pings the quickest knows
 * best, and cannot be wrong by more than half its round trip.
 */
export class Clock {
  /** @type {{ roundTrip: number, offset: number }[]} */
  #samples = [];
  /** Until the first ping: as far as the page could tell. Milliseconds. */
  #guess;

  /** @param {number} guess */
  constructor(guess = 0) {
    this.#guess = guess;
  }

  /**
   * @param {{ sent: number, server: number, received: number }} ping milliseconds; the first and
   *   the last by our clock
   */
  add({ sent, server, received }) {
    const sample = { roundTrip: received - sent, offset: server - (sent + received) / 2 };
    const { estimate } = this;
    const most = estimate ? estimate.error + sample.roundTrip / 2 : Number.POSITIVE_INFINITY;
    if (estimate && Math.abs(sample.offset - estimate.offset) > most) {
      // Both cannot be right: a clock was set, or the computer slept.
      this.#samples = [];
    }
    this.#samples.push(sample);
    this.#samples.splice(0, this.#samples.length - MOST_SAMPLES);
  }

  /** @returns {number[]} milliseconds, the newest last */
  get roundTrips() {
    return this.#samples.map(({ roundTrip }) => roundTrip);
  }

  /**
   * @param {number} ours milliseconds
   * @returns {number} what the server's clock shows when ours shows this
   */
  server(ours) {
    return ours + (this.estimate?.offset ?? this.#guess);
  }

  /** @returns {{ offset: number, error: number, count: number } | null} milliseconds */
  get estimate() {
    const trusted = this.#samples.slice(-TRUSTED);
    const [best] = [...trusted].sort((one, other) => one.roundTrip - other.roundTrip);
    return best ? { offset: best.offset, error: best.roundTrip / 2, count: trusted.length } : null;
  }
}
