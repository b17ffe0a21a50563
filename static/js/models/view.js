/** @import { Message } from "../protocol.js" */

/** How many messages the page shows at most, and how many it starts and grows with. */
export const LONGEST_VIEW = 400;
export const STEP = 50;

/**
 * Which part of the timeline is on the page: a stretch between two numbers. Following, it has no
 * upper end and grows with the room.
 */
export class View {
  #from = 0;
  #to = Number.POSITIVE_INFINITY;

  /**
   * A screenful or two, so that a room that was left and is opened again is there at once.
   *
   * @param {readonly Message[]} messages
   */
  static atEnd(messages) {
    const view = new View();
    view.#from = messages.length > STEP ? seqAt(messages, messages.length - STEP) : 0;
    return view;
  }

  get following() {
    return this.#to === Number.POSITIVE_INFINITY;
  }

  /**
   * @param {readonly Message[]} messages of the timeline
   * @returns {readonly Message[]}
   */
  slice(messages) {
    const [first, end] = this.#bounds(messages);
    return messages.slice(first, end);
  }

  /**
   * How many newer messages than those shown there are.
   *
   * @param {readonly Message[]} messages
   */
  below(messages) {
    return messages.length - this.#bounds(messages)[1];
  }

  /**
   * New messages came. Too long a view lets go of its top, or, while someone reads up there, of
   * what is new.
   *
   * @param {readonly Message[]} messages
   * @param {boolean} readerAtEnd
   */
  grew(messages, readerAtEnd) {
    const [first, end] = this.#bounds(messages);
    if (end - first > LONGEST_VIEW) {
      if (readerAtEnd) {
        this.#from = seqAt(messages, end - LONGEST_VIEW);
      } else {
        this.#to = seqAt(messages, first + LONGEST_VIEW - 1);
      }
    }
  }

  /**
   * @param {readonly Message[]} messages
   * @returns {boolean} whether there was something older to show
   */
  extendUp(messages) {
    const [first] = this.#bounds(messages);
    if (first === 0) {
      return false;
    }
    const start = Math.max(0, first - STEP);
    this.#from = start === 0 ? 0 : seqAt(messages, start);
    this.grew(messages, false);
    return true;
  }

  /**
   * @param {readonly Message[]} messages
   * @returns {boolean} whether there was something newer to show
   */
  extendDown(messages) {
    if (this.following) {
      return false;
    }
    const end = this.#bounds(messages)[1] + STEP;
    this.#to = end >= messages.length ? Number.POSITIVE_INFINITY : seqAt(messages, end - 1);
    this.grew(messages, true);
    return true;
  }

  /** @param {readonly Message[]} messages */
  toEnd(messages) {
    this.#to = Number.POSITIVE_INFINITY;
    const [first, end] = this.#bounds(messages);
    if (end - first > LONGEST_VIEW) {
      this.#from = seqAt(messages, end - STEP);
    }
  }

  /**
   * @param {readonly Message[]} messages
   * @param {number} seq that is to be seen with its surroundings
   */
  around(messages, seq) {
    const index = messages.findIndex((message) => message.seq >= seq);
    const [first, end] = this.#bounds(messages);
    if (index < first || index >= end) {
      const start = Math.max(0, index - STEP);
      this.#from = start === 0 ? 0 : seqAt(messages, start);
      this.#to = Number.POSITIVE_INFINITY;
      this.grew(messages, false);
    }
  }

  /**
   * @param {readonly Message[]} messages
   * @returns {[number, number]} first index and end
   */
  #bounds(messages) {
    const first = this.#from === 0 ? 0 : messages.findIndex(({ seq }) => seq >= this.#from);
    const end = this.following
      ? messages.length
      : messages.findLastIndex(({ seq }) => seq <= this.#to) + 1;
    return [first === -1 ? messages.length : first, end];
  }
}

/**
 * @param {readonly Message[]} messages
 * @param {number} index
 */
function seqAt(messages, index) {
  return /** @type {Message} */ (messages[index]).seq;
}
