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

  /**
   * @param {{ sent: number, server: number, received: number }} ping milliseconds; the first and
   *   the last by our clock
   */
  add({ sent, server, received }) {
    this.#samples.push({ roundTrip: received - sent, offset: server - (sent + received) / 2 });
    this.#samples.splice(0, this.#samples.length - MOST_SAMPLES);
  }

  /** @returns {number[]} milliseconds, the newest last */
  get roundTrips() {
    return this.#samples.map(({ roundTrip }) => roundTrip);
  }

  /** @returns {{ offset: number, error: number, count: number } | null} milliseconds */
  get estimate() {
    const trusted = this.#samples.slice(-TRUSTED);
    const [best] = [...trusted].sort((one, other) => one.roundTrip - other.roundTrip);
    return best ? { offset: best.offset, error: best.roundTrip / 2, count: trusted.length } : null;
  }
}
