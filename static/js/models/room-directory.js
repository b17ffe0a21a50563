import { Event as ServerEvent } from "../protocol.js";

/** @import { Frame } from "../protocol.js" */

/**
 * @typedef {{ key: string, name: string, read?: number | null, said?: number }} ListedRoom
 *   `read`: how far I read there, null: I never was; `said`: the number of the last message
 */

/** The rooms that I may see, in the order of the list. Dispatches `change`. */
export class RoomDirectory extends EventTarget {
  /** @type {Map<string, ListedRoom>} */
  #rooms;

  /** @param {ListedRoom[]} rooms */
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

  /** @param {ListedRoom} room */
  isUnread({ read, said = 0 }) {
    // A room that was never entered has nothing to catch up with.
    return read !== null && read !== undefined && said > read;
  }

  /** @param {Frame} frame */
  receive(frame) {
    if (frame.type === ServerEvent.HEARTBEAT && frame.said) {
      for (const [key, said] of Object.entries(frame.said)) {
        this.#update(key, { said });
      }
      this.dispatchEvent(new Event("change"));
    }
  }

  /**
   * @param {string} key
   * @param {number} seq
   */
  read(key, seq) {
    if (seq > (this.get(key)?.read ?? -1)) {
      this.#update(key, { read: seq });
      this.dispatchEvent(new Event("change"));
    }
  }

  /**
   * @param {string} key
   * @param {Partial<ListedRoom>} difference
   */
  #update(key, difference) {
    const room = this.#rooms.get(key);
    if (room) {
      this.#rooms.set(key, { ...room, ...difference });
    }
  }
}
