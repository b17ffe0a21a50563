/** @import { InboxEntry, InboxPage, InboxPlace, InboxUpdated } from "../protocol.js" */
/** @import { RoomDirectory } from "./room-directory.js" */
/** @import { UnreadRooms } from "./unread-rooms.js" */

/**
 * What mentions me, answers me or was written to me alone: what of it is unread, and the entries as far as
 * they were asked for. What is read in a room is read here. Dispatches `change`.
 */
export class Inbox extends EventTarget {
  #directory;
  #rooms;
  /** @type {Map<number, InboxPlace>} the unread items, by number */
  #waiting = new Map();
  #head = 0;
  /** @type {Map<number, InboxEntry>} mentions and answers, by number */
  #items = new Map();
  /** @type {InboxEntry[]} the last message of each direct conversation */
  #direct = [];
  /** Direct rooms that are read up to here, which can be undone still; by key. */
  /** @type {Map<string, number>} */
  #aside = new Map();
  /** Whether there are older entries. */
  more = false;
  /** Whether the entries were asked for at all. */
  isLoaded = false;

  /** @param {{ directory: RoomDirectory, rooms: UnreadRooms }} parts */
  constructor({ directory, rooms }) {
    super();
    this.#directory = directory;
    this.#rooms = rooms;
  }

  /** The number of the newest item. */
  get head() {
    return this.#head;
  }

  /** @returns {number} the number before which older entries come; 0: nothing is held */
  get oldest() {
    return Math.min(...this.#items.keys(), Number.POSITIVE_INFINITY);
  }

  /** @returns {InboxEntry[]} the newest first */
  get entries() {
    const direct = this.#direct.filter(
      ({ room, seq }) => ![...this.#items.values()].some((one) => isAt(one, room, seq)),
    );
    const all = [...this.#items.values(), ...direct];
    return all.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  }

  /**
   * @param {{ except?: string }} [what] `except`: a room
   * @returns {number} how many items are unread; a direct conversation counts as one
   */
  count({ except = "" } = {}) {
    const items = this.#unreadItems.filter(({ room }) => room !== except && !this.#isDirect(room));
    return items.length + this.unreadDirect.filter((key) => key !== except).length;
  }

  /** @returns {string[]} the direct rooms in which something is unread that I want to hear of */
  get unreadDirect() {
    return this.#directory.all
      .filter(({ kind, key, head = 0 }) => kind === "direct" && !this.#isAside(key, head))
      .map(({ key }) => key)
      .filter((key) => this.#rooms.in(key).isUnread);
  }

  /** @param {InboxEntry} entry */
  isUnread({ number, room, seq, read = false }) {
    if (number === 0) {
      return !read && seq > this.#rooms.readIn(room) && !this.#isAside(room, seq);
    }
    const place = this.#waiting.get(number);
    return place !== undefined && this.#isUnreadPlace(place);
  }

  /** @param {InboxUpdated} update */
  update({ head, waiting }) {
    this.#head = head;
    this.#waiting = new Map(waiting.map((place) => [place.number, place]));
    this.#emitChange();
  }

  /**
   * @param {InboxPage} page the newest; what was loaded before it stays
   */
  take({ items, direct = [], more }) {
    const [first] = items;
    const wasHeld = first !== undefined && this.#items.has(first.number);
    const older = wasHeld
      ? [...this.#items.values()].filter(({ number }) => number < first.number)
      : [];
    this.#items = new Map([...older, ...items].map((entry) => [entry.number, entry]));
    this.#direct = direct;
    this.more = older.length > 0 ? this.more : more;
    this.isLoaded = true;
    this.#emitChange();
  }

  /** @param {InboxPage} page what comes before all that is held */
  takeOlder({ items, more }) {
    for (const entry of items) {
      this.#items.set(entry.number, entry);
    }
    this.more = more;
    this.#emitChange();
  }

  /** @param {number} number of an item that I have seen: the server is told as well */
  markOne(number) {
    if (this.#waiting.delete(number)) {
      this.#emitChange();
    }
  }

  /** @returns {number[]} the numbers of the items that were unread */
  markAll() {
    const numbers = this.#unreadItems.map(({ number }) => number);
    this.#waiting.clear();
    this.#emitChange();
    return numbers;
  }

  /** @param {Map<string, number>} rooms direct ones that are read up to these numbers; empty: none */
  setAside(rooms) {
    this.#aside = rooms;
    this.#emitChange();
  }

  /**
   * @param {string} room
   * @param {number} seq
   */
  #isAside(room, seq) {
    return seq <= (this.#aside.get(room) ?? -1);
  }

  get #unreadItems() {
    return [...this.#waiting.values()].filter((place) => this.#isUnreadPlace(place));
  }

  /** @param {InboxPlace} place */
  #isUnreadPlace({ room, seq }) {
    return seq > this.#rooms.readIn(room);
  }

  /** @param {string} room */
  #isDirect(room) {
    return this.#directory.get(room)?.kind === "direct";
  }

  #emitChange() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {InboxEntry} entry
 * @param {string} room
 * @param {number} seq
 */
function isAt(entry, room, seq) {
  return entry.room === room && entry.seq === seq;
}
