import { gettext } from "../helpers/i18n.js";

/** The ways of so many messages are remembered. */
const MOST_KEPT = 500;

/**
 * @typedef {{
 *   typed?: number, sent?: number, received?: number, committed?: number, published?: number,
 *   back?: number, created?: number, shown?: number,
 * }} Marks When a message passed where; milliseconds. `received`, `committed`, `published` and
 *   `created` by the server's clock, the others by ours.
 * @typedef {{ name: string, start: number, length: number, estimated: boolean }} Hop
 *   `start`: milliseconds after the beginning; `estimated`: it depends on the clocks
 * @typedef {{ hops: Hop[], total: number }} Trace
 */

/** When each message that passed through this page passed where. */
export class Traces {
  /** @type {Map<string, Marks>} */
  #marks = new Map();

  /**
   * Each place is passed once: what is marked again was passed before.
   *
   * @param {string} key
   * @param {Marks} marks
   */
  mark(key, marks) {
    this.#marks.set(key, { ...marks, ...this.#marks.get(key) });
    if (this.#marks.size > MOST_KEPT) {
      const [first = ""] = this.#marks.keys();
      this.#marks.delete(first);
    }
  }

  /**
   * Tried again: the way that led nowhere is forgotten.
   *
   * @param {string} key
   * @param {number} sent
   */
  sentAgain(key, sent) {
    const { typed } = this.#marks.get(key) ?? {};
    this.#marks.set(key, { ...(typed !== undefined && { typed }), sent });
  }

  /** @param {string} key */
  of(key) {
    return this.#marks.get(key);
  }
}

/**
 * The way of a message of mine, hop by hop. The hops follow each other without a gap, so their sum
 * is the whole; the server's times are moved by the clocks' difference, and no further than
 * between what we saw ourselves.
 *
 * @param {Marks} marks
 * @param {number} offset of the server's clock
 * @returns {Trace | null} nothing where it is not known
 */
export function myTrace(marks, offset) {
  const { typed, sent, received, committed, published, back, shown } = marks;
  if (
    sent === undefined ||
    received === undefined ||
    committed === undefined ||
    published === undefined ||
    back === undefined ||
    shown === undefined
  ) {
    return null;
  }
  const work = Math.min(Math.max(0, committed - received), back - sent);
  const telling = Math.min(Math.max(0, published - committed), back - sent - work);
  const arrived = Math.min(Math.max(received - offset, sent), back - work - telling);
  return between([
    [gettext("Enter pressed"), typed ?? sent],
    [gettext("In your browser, until it was sent"), sent],
    [gettext("To the node"), arrived, true],
    [gettext("Checked, numbered and committed"), arrived + work],
    [gettext("Published to the room"), arrived + work + telling],
    [gettext("Back to your browser"), back, true],
    [gettext("Onto the screen"), Math.max(shown, back)],
  ]);
}

/**
 * What is known of the way of a message of someone else.
 *
 * @param {Marks} marks
 * @param {number} offset of the server's clock
 * @returns {Trace | null}
 */
export function theirTrace({ created, back, shown }, offset) {
  if (created === undefined || back === undefined || shown === undefined) {
    return null;
  }
  return between([
    [gettext("Written into the log"), Math.min(created - offset, back)],
    [gettext("Committed, published, sent to your browser"), back, true],
    [gettext("Onto the screen"), Math.max(shown, back)],
  ]);
}

/**
 * @param {[name: string, at: number, estimated?: boolean][]} stations each with the hop to it
 * @returns {Trace}
 */
function between(stations) {
  const begin = /** @type {[string, number]} */ (stations[0])[1];
  const hops = stations.slice(1).map(([name, at, estimated = false], index) => {
    const before = /** @type {[string, number]} */ (stations[index])[1];
    return { name, start: before - begin, length: at - before, estimated };
  });
  const end = /** @type {[string, number]} */ (stations.at(-1))[1];
  return { hops, total: end - begin };
}
