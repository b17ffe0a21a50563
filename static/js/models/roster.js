/** @import { MemberRef, PresenceDiff, PresenceState } from "../protocol.js" */

/** Who is here. The list may be a part of a large room; the count is always the whole. */
export class Roster {
  count = 0;
  /** @type {Map<number, MemberRef>} */
  #members = new Map();

  /** @returns {MemberRef[]} by name */
  get members() {
    return [...this.#members.values()].sort((one, other) => one.name.localeCompare(other.name));
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
