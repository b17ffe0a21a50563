/** @import { RoomDirectory } from "./room-directory.js" */
/** @import { RoomSession } from "./room-session.js" */

/** @typedef {{ isUnread: boolean, count: number, mentions: number }} Unread */
/** @typedef {{ get: (key: string) => RoomSession | undefined }} Sessions those that this tab holds */

/** @type {Unread} */
const NOTHING = { isUnread: false, count: 0, mentions: 0 };

/** What is unread in a room that I want to hear of: as its session counts, or as the server tells. */
export class UnreadRooms {
  #directory;
  #sessions;

  /** @param {{ directory: RoomDirectory, sessions: Sessions }} parts */
  constructor({ directory, sessions }) {
    this.#directory = directory;
    this.#sessions = sessions;
  }

  /**
   * @param {string} key
   * @returns {Unread} `count`: 0 where it is not known
   */
  in(key) {
    const { notify = "all" } = this.#directory.get(key) ?? {};
    const unread = this.#counted(key);
    if (notify === "none") {
      return NOTHING;
    }
    const { mentions } = unread;
    return notify === "mentions" ? { isUnread: mentions > 0, count: mentions, mentions } : unread;
  }

  /**
   * @param {string} key
   * @returns {number} up to where I read the room, here or on another device
   */
  readIn(key) {
    const { read } = this.#directory.get(key) ?? {};
    return Math.max(read ?? 0, this.#held(key)?.unread.read ?? 0);
  }

  /**
   * @param {string} key
   * @returns {Unread}
   */
  #counted(key) {
    const told = this.#directory.unread(key);
    const session = this.#held(key);
    if (!session) {
      return told;
    }
    const { count } = session.unread.count(session.timeline);
    return count > 0 ? { isUnread: true, count, mentions: told.mentions } : NOTHING;
  }

  /**
   * @param {string} key
   * @returns {RoomSession | undefined} one that hears of every message
   */
  #held(key) {
    const session = this.#sessions.get(key);
    return session?.me && session.feed.isLive ? session : undefined;
  }
}
