import { Event as ServerEvent } from "../protocol.js";

/** @import { Frame, MemberRef, RoomEntry } from "../protocol.js" */
/** @import { Faces } from "./faces.js" */

/**
 * @typedef {{
 *   key: string, name: string, kind?: string, topic?: string, head?: number, read?: number | null,
 *   unread?: number, mentions?: number, said?: number, archived?: boolean,
 *   role?: string, notify?: string, joined?: boolean, members?: MemberRef[], locked?: boolean,
 *   slow_s?: number, inviters?: string,
 * }} ListedRoom `read`: how far I read there, absent: I never opened it; `unread`, `mentions`: how many
 *   messages came since; `said`: the number of the last message, as nodes without room lists tell it
 */

/** As people count: 2 before 10, whatever the case. */
const BY_NAME = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The rooms of my list, in its order, and what is unread in each. Dispatches `change`. */
export class RoomDirectory extends EventTarget {
  /** @type {Map<string, ListedRoom>} */
  #rooms;
  /** Names of rooms that are not in the list, by key. */
  /** @type {Map<string, string>} */
  #otherNames = new Map();
  /** A long list comes in parts. */
  /** @type {RoomEntry[]} */
  #parts = [];

  /** @param {ListedRoom[]} rooms those of the page, until the server tells all of them */
  constructor(rooms) {
    super();
    this.#rooms = new Map(rooms.map((room) => [room.key, room]));
  }

  /** @returns {ListedRoom[]} */
  get all() {
    return [...this.#rooms.values()];
  }

  /** @param {string} key */
  get(key) {
    return this.#rooms.get(key);
  }

  /**
   * @param {string} key of a room that I came across elsewhere than in the list
   * @param {string} name
   */
  noteName(key, name) {
    this.#otherNames.set(key, name);
  }

  /**
   * @param {string} key
   * @returns {string} what the room is called, as far as that is known
   */
  nameOf(key) {
    return this.#rooms.get(key)?.name ?? this.#otherNames.get(key) ?? key;
  }

  /**
   * @param {string} key
   * @returns {{ isUnread: boolean, count: number, mentions: number }} `count`: 0 where it is not known
   */
  unread(key) {
    const { read, unread = 0, mentions = 0, said = 0 } = this.#rooms.get(key) ?? {};
    // A room that was never opened has nothing to catch up with.
    const wasOpened = read !== null && read !== undefined;
    const isUnread = unread > 0 || mentions > 0 || (wasOpened && said > read);
    return { isUnread, count: unread, mentions };
  }

  /** @param {Frame} frame */
  receive(frame) {
    switch (frame.type) {
      case ServerEvent.HELLO:
        this.#parts = [];
        return;
      case ServerEvent.ROOMS_STATE:
        this.#replace(/** @type {any} */ (frame));
        return;
      case ServerEvent.ROOM_UPDATED:
      case ServerEvent.ROOM_ACTIVITY: {
        const { type, room, ...difference } = frame;
        this.note(room, /** @type {Partial<ListedRoom>} */ (difference));
        return;
      }
      case ServerEvent.ROOM_REMOVED:
        this.#rooms.delete(frame.room);
        break;
      case ServerEvent.HEARTBEAT:
        for (const [key, said] of Object.entries(frame.said ?? {})) {
          this.#merge(key, { said });
        }
        break;
      default:
        return;
    }
    this.dispatchEvent(new Event("change"));
  }

  /**
   * I read on here or in another tab; other devices hear of it from the server.
   *
   * @param {string} key
   * @param {number} seq
   */
  read(key, seq) {
    const room = this.#rooms.get(key);
    if (room && seq > (room.read ?? -1)) {
      const isAll = seq >= (room.head ?? 0);
      this.note(key, { read: seq, ...(isAll && { unread: 0, mentions: 0 }) });
    }
  }

  /**
   * A room that is in the list stays in its place: nothing moves under a finger.
   *
   * @param {{ rooms: RoomEntry[], more?: boolean }} state
   */
  #replace({ rooms, more }) {
    this.#parts.push(...rooms);
    if (more) {
      return;
    }
    const told = this.#parts.map(({ room, ...rest }) => ({ key: room, ...rest }));
    const byKey = new Map(told.map((room) => [room.key, room]));
    const kept = this.all.flatMap(({ key }) => byKey.get(key) ?? []);
    this.#insert(
      kept,
      told.filter(({ key }) => !this.#rooms.has(key)),
    );
    this.#parts = [];
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {string} key
   * @param {Partial<ListedRoom>} difference what is known of it now; the rest is as it was
   */
  note(key, difference) {
    if (this.#rooms.has(key)) {
      this.#merge(key, difference);
    } else if (difference.name !== undefined) {
      this.#insert(this.all, [{ key, ...difference, name: difference.name }]);
    } else {
      return;
    }
    this.dispatchEvent(new Event("change"));
  }

  /**
   * A conversation is called by who is in it.
   *
   * @param {Faces} faces
   */
  rename(faces) {
    for (const { key, kind, name, members = [] } of this.all) {
      const now = members.map((member) => ({ id: member.id, name: faces.nameOf(member) }));
      if (kind === "direct" && now.some((one, index) => one.name !== members[index]?.name)) {
        const before = members.map((member) => member.name);
        const called = now.map((member) => member.name).join(", ");
        this.note(key, { members: now, ...(name === before.join(", ") && { name: called }) });
      }
    }
  }

  /**
   * @param {string} key
   * @param {Partial<ListedRoom>} difference
   */
  #merge(key, difference) {
    const room = this.#rooms.get(key);
    if (room) {
      this.#rooms.set(key, { ...room, ...difference });
    }
  }

  /**
   * @param {ListedRoom[]} kept they keep their order
   * @param {ListedRoom[]} added each comes before the first whose name is greater
   */
  #insert(kept, added) {
    const rooms = [...added].sort((one, other) => BY_NAME.compare(one.name, other.name));
    const all = [];
    for (const room of kept) {
      while (rooms[0] && BY_NAME.compare(rooms[0].name, room.name) < 0) {
        all.push(/** @type {ListedRoom} */ (rooms.shift()));
      }
      all.push(room);
    }
    this.#rooms = new Map([...all, ...rooms].map((one) => [one.key, one]));
  }
}
