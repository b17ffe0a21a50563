/** @import { MemberRef, Mention, Message } from "../protocol.js" */
/** @import { Timeline, TimelineChange } from "./timeline.js" */

import { Faces } from "./faces.js";

/**
 * What the members of a room are called now, as far as this page knows: by what it was told of them, else by
 * their newest message and by who is here. Old messages show their author under this name. Dispatches
 * `change`.
 */
export class KnownNames extends EventTarget {
  #faces;
  #life = new AbortController();
  /** @type {Map<number, { name: string, seq: number }>} */
  #names = new Map();
  /** Grows with each name that is new or another one. */
  version = 0;

  /** @param {Faces} faces */
  constructor(faces = new Faces()) {
    super();
    this.#faces = faces;
    const change = (/** @type {Event} */ event) => {
      if (/** @type {CustomEvent} */ (event).detail.isRenamed) {
        this.#emitChange();
      }
    };
    faces.addEventListener("change", change, { signal: this.#life.signal });
  }

  /** The room is let go of. */
  close() {
    this.#life.abort();
  }

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
      this.#emitChange();
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
    return this.#faces.get(id)?.name ?? this.#names.get(id)?.name ?? name;
  }

  /** @returns {Mention[]} all whose name is known, and their handles */
  get members() {
    return [...this.#names].flatMap(([id, { name }]) => {
      const { handle } = this.#faces.get(id) ?? {};
      const now = { id, name: this.of({ id, name }) };
      return [now, ...(handle ? [{ ...now, text: handle }] : [])];
    });
  }

  #emitChange() {
    this.version += 1;
    this.dispatchEvent(new Event("change"));
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
