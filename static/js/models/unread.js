/** @import { Message } from "../protocol.js" */

/** @import { Timeline } from "./timeline.js" */

/** @typedef {Pick<Timeline, "messages" | "more" | "newer" | "position">} Held */

/**
 * How far a member has read, and where the *New* line stands: before the first message that
 * arrived unread. The line stays until the page is left or the member speaks.
 */
export class Unread {
  /** @type {number | null} the message that the line stands before, if it is held */
  newFrom = null;
  #me;
  #read;
  /** @type {number | null} up to where the member had read when the line was drawn */
  #since = null;

  /**
   * @param {number} me the member's id
   * @param {number} read the last number read
   */
  constructor(me, read) {
    this.#me = me;
    this.#read = read;
  }

  get read() {
    return this.#read;
  }

  /**
   * @param {Held} timeline
   * @param {number} since
   * @returns {{ count: number, exact: boolean }} how many messages of others came since; where not
   *   all of them are held, their numbers emit, some of which are changes
   */
  count(timeline, since = this.#read) {
    const { messages, position } = timeline;
    if (reaches(timeline, since) && !timeline.newer) {
      const first = messages.findLastIndex(({ seq }) => seq <= since) + 1;
      const count = messages.slice(first).filter((message) => this.#concerns(message)).length;
      return { count, exact: true };
    }
    return { count: Math.max(0, position.seq - since), exact: false };
  }

  /**
   * @param {Held} timeline
   * @param {number} since
   * @returns {number | null} the first message of others that is held and came since
   */
  first({ messages }, since) {
    const found = messages.find((message) => message.seq > since && this.#concerns(message));
    return found?.seq ?? null;
  }

  /**
   * Puts the line before the first unread message, if there is none yet.
   *
   * @param {Held} timeline
   */
  draw(timeline) {
    if (this.#since === null && this.first(timeline, this.#read) !== null) {
      this.#since = this.#read;
    }
    this.redraw(timeline);
  }

  /**
   * Another part of the room is held now.
   *
   * @param {Held} timeline
   */
  redraw(timeline) {
    const known = this.#since !== null && reaches(timeline, this.#since);
    this.newFrom = known ? this.first(timeline, /** @type {number} */ (this.#since)) : null;
  }

  /** The member spoke: everything above was seen. */
  erase() {
    this.#since = null;
    this.newFrom = null;
  }

  /**
   * @param {number} seq
   * @returns {boolean} whether that was further than before
   */
  mark(seq) {
    const further = seq > this.#read;
    this.#read = Math.max(seq, this.#read);
    return further;
  }

  /** @param {Message} message */
  #concerns(message) {
    return message.author.id !== this.#me && !message.deleted;
  }
}

/**
 * @param {Held} timeline
 * @param {number} since
 * @returns {boolean} whether it holds what came right after `since`
 */
function reaches({ messages, more }, since) {
  return !more || (messages[0]?.seq ?? 0) <= since + 1;
}
