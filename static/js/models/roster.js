/** @import { MemberRef, PresenceDiff, PresenceState } from "../protocol.js" */

/** As people count: 2 before 10, whatever the case. */
const BY_NAME = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Who is here. The list may be a part of a large room; the count is always the whole. */
export class Roster {
  count = 0;
  /** @type {Map<number, MemberRef>} */
  #members = new Map();

  /** @returns {MemberRef[]} by name */
  get members() {
    return [...this.#members.values()].sort(
      (one, other) => BY_NAME.compare(one.name, other.name) || one.id - other.id,
    );
  }

  /**
   * @param {MemberRef | null} me first, even where the list is cut and I am not in it
   * @returns {MemberRef[]}
   */
  listFor(me) {
    if (!me) {
      return this.members;
    }
    const mine = this.#members.get(me.id) ?? me;
    return [mine, ...this.members.filter(({ id }) => id !== me.id)];
  }

  /** @param {PresenceState} state */
  replace({ count, members }) {
    this.count = count;
    this.#members = new Map(members.map((member) => [member.id, member]));
  }

  /** @param {PresenceDiff} diff */
  update({ count, joined, left }) {
    this.count = count;
    for (const { id } of left) {
      this.#members.delete(id);
    }
    for (const member of joined) {
      this.#members.set(member.id, member);
    }
  }
}
