import { folded } from "../helpers/text.js";

/** @import { MemberRef, PresenceDiff, PresenceState, PresentMember } from "../protocol.js" */

/** As people count: 2 before 10, whatever the case. */
const BY_NAME = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
/** @type {Record<string, number>} */
const RANKS = { owner: 0, moderator: 1 };

/**
 * Who is here and who types. The list may be a part of a large room; the count is always the whole.
 * Dispatches `change`.
 */
export class Roster extends EventTarget {
  count = 0;
  /** @type {string[]} names of those who type */
  typing = [];
  /** @type {Map<number, PresentMember>} */
  #members = new Map();
  /** Made when they are asked for, and kept until someone comes or goes. */
  /** @type {PresentMember[] | null} */
  #byName = null;

  /** @returns {PresentMember[]} by name */
  get members() {
    this.#byName ??= [...this.#members.values()].sort(byName);
    return this.#byName;
  }

  /**
   * @param {number} id
   * @returns {PresentMember | undefined}
   */
  get(id) {
    return this.#members.get(id);
  }

  /** Whether everyone who is counted is in the list. */
  get isWhole() {
    return this.count <= this.#members.size;
  }

  /**
   * @param {MemberRef | null} me first, even where the list is cut and I am not in it
   * @param {string} query a part of the names, whatever the case and accents
   * @returns {PresentMember[]} then owners, moderators, and everyone else by name
   */
  listFor(me, query = "") {
    const wanted = folded(query.trim());
    const others = this.members.filter(({ id }) => id !== me?.id);
    const mine = me ? [this.#members.get(me.id) ?? me] : [];
    return [...mine, ...others.sort((one, other) => rank(one) - rank(other))].filter(
      ({ name }) => wanted === "" || folded(name).includes(wanted),
    );
  }

  /** @param {PresenceState} state */
  replace({ count, members }) {
    this.count = count;
    this.#members = new Map(members.map((member) => [member.id, member]));
    this.#changed();
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
    this.#changed();
  }

  /** @param {string[]} names of everyone who types now */
  type(names) {
    this.typing = names;
    this.dispatchEvent(new CustomEvent("change"));
  }

  #changed() {
    this.#byName = null;
    this.dispatchEvent(new CustomEvent("change"));
  }
}

/** @param {PresentMember} member */
function rank({ role }) {
  return RANKS[role ?? ""] ?? 2;
}

/**
 * @param {MemberRef} one
 * @param {MemberRef} other
 */
function byName(one, other) {
  return BY_NAME.compare(one.name, other.name) || one.id - other.id;
}
