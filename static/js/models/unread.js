/** @import { Message } from "../protocol.js" */

/**
 * How far a member has read, and where the *New* line stands: before the first message that
 * arrived unread. The line stays until the page is left or the member speaks.
 */
export class Unread {
  /** @type {number | null} */
  newFrom = null;
  #me;
  #read;

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
   * @param {readonly Message[]} messages in order
   * @returns {number} how many of others are unread
   */
  count(messages) {
    const first = messages.findLastIndex(({ seq }) => seq <= this.#read) + 1;
    return messages.slice(first).filter((message) => this.#concerns(message)).length;
  }

  /**
   * Puts the line before the first unread message, if there is none yet.
   *
   * @param {readonly Message[]} messages in order
   */
  draw(messages) {
    this.newFrom ??=
      messages.find((message) => message.seq > this.#read && this.#concerns(message))?.seq ?? null;
  }

  /** The member spoke: everything above was seen. */
  erase() {
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
