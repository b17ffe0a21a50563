/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Timeline, TimelineChange } from "./timeline.js" */

/**
 * What the members of a room are called now, as far as this page knows: by their newest message, and
 * by who is here. Old messages show their author under this name. Dispatches `change`.
 */
export class KnownNames extends EventTarget {
  /** @type {Map<number, { name: string, seq: number }>} */
  #names = new Map();
  /** Grows with each name that is new or another one. */
  version = 0;

  /** @param {Timeline} timeline whose messages tell names, now and later */
  follow(timeline) {
    this.#readAll(timeline.messages, timeline.position.seq);
    timeline.addEventListener("change", (event) => {
      const { added } = /** @type {CustomEvent<TimelineChange>} */ (event).detail;
      this.#readAll(added, timeline.position.seq);
    });
  }

  /**
   * @param {MemberRef} member
   * @param {number} seq where the log was when the member had this name; a later one counts
   */
  note({ id, name }, seq) {
    const held = this.#names.get(id);
    if (held && held.seq > seq) {
      return;
    }
    this.#names.set(id, { name, seq });
    if (held?.name !== name) {
      this.version += 1;
      this.dispatchEvent(new Event("change"));
    }
  }

  /**
   * @param {MemberRef[]} members
   * @param {number} seq
   */
  noteAll(members, seq) {
    for (const member of members) {
      this.note(member, seq);
    }
  }

  /**
   * @param {MemberRef} member
   * @returns {string} the name of today
   */
  of({ id, name }) {
    return this.#names.get(id)?.name ?? name;
  }

  /** @returns {MemberRef[]} all whose name is known */
  get members() {
    return [...this.#names].map(([id, { name }]) => ({ id, name }));
  }

  /**
   * An author's name is that of the time; the names of those who are called are those of today.
   *
   * @param {readonly Message[]} messages
   * @param {number} today where the log is now
   */
  #readAll(messages, today) {
    for (const { author, seq, mentions = [] } of messages) {
      this.note(author, seq);
      this.noteAll(
        mentions.filter(({ id }) => id !== 0),
        today,
      );
    }
  }
}
