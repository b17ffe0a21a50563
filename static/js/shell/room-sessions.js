/** @import { Frame } from "../protocol.js" */
/** @import { RoomSession } from "../models/room-session.js" */

/** So many rooms stay entered: they are live, and shown at once. */
export const ROOMS_ENTERED = 6;
/** So many more stay held as they were left, to be continued. */
export const ROOMS_HELD = 24;
/** What a room that was left keeps of its end. Messages. */
const LEFT_LENGTH = 100;

/**
 * The rooms that this tab holds. Those that were shown last are live; the ones before are left and
 * keep what they had; of the others nothing is held. Dispatches `open` and `close` (detail: the session).
 */
export class RoomSessions extends EventTarget {
  /** @type {Map<string, RoomSession>} the one that was shown longest ago first */
  #sessions = new Map();
  #make;
  /** Entered until the connection was lost: they wait for the room on the screen. */
  /** @type {RoomSession[]} */
  #waiting = [];

  /**
   * @param {(key: string) => RoomSession} make one of which nothing is held
   * @param {EventTarget & { isOpen: boolean }} line
   */
  constructor(make, line) {
    super();
    this.#make = make;
    line.addEventListener("state", () => line.isOpen || this.#waitForFirst());
  }

  /** @returns {RoomSession[]} */
  get all() {
    return [...this.#sessions.values()];
  }

  /**
   * @param {string} key
   * @returns {RoomSession | undefined} only if it is held
   */
  get(key) {
    return this.#sessions.get(key);
  }

  /**
   * @param {string} key
   * @returns {RoomSession} followed from now on
   */
  open(key) {
    const session = this.#sessions.get(key) ?? this.#make(key);
    this.add(session);
    session.feed.follow();
    this.#letGo();
    return session;
  }

  /** @param {RoomSession} session that is shown, or about to be */
  add(session) {
    const isNew = this.#sessions.get(session.key) !== session;
    this.#sessions.delete(session.key);
    this.#sessions.set(session.key, session);
    if (isNew) {
      this.dispatchEvent(new CustomEvent("open", { detail: session }));
    }
  }

  /**
   * Nothing of this room is held any more.
   *
   * @param {RoomSession} session
   */
  drop(session) {
    if (this.#sessions.delete(session.key)) {
      session.close();
      this.dispatchEvent(new CustomEvent("close", { detail: session }));
    }
  }

  /**
   * For every room that is held, now or later.
   *
   * @param {(session: RoomSession) => void} then
   */
  follow(then) {
    for (const session of this.all) {
      then(session);
    }
    this.addEventListener("open", (event) => then(/** @type {CustomEvent} */ (event).detail));
  }

  /** When the connection is back, the room on the screen is entered before the others. */
  #waitForFirst() {
    const [first, ...others] = this.all.reverse();
    const entered = others.filter(({ feed }) => feed.isFollowing);
    this.#waiting = [...new Set([...this.#waiting, ...entered])];
    for (const { feed } of entered) {
      feed.leave();
    }
    first?.feed.addEventListener("live", () => this.#goOn(), { once: true });
  }

  #goOn() {
    for (const session of this.#waiting.splice(0)) {
      if (this.#sessions.has(session.key)) {
        session.feed.follow();
      }
    }
    this.#letGo();
  }

  /** @param {Frame} frame */
  receive(frame) {
    const concerned = frame.room === undefined ? this.all : [this.get(frame.room)];
    for (const session of concerned) {
      session?.receive(frame);
    }
  }

  #letGo() {
    const byAge = this.all.reverse();
    for (const { feed, timeline } of byAge.slice(ROOMS_ENTERED)) {
      if (feed.isFollowing) {
        feed.leave();
        timeline.trim(LEFT_LENGTH);
      }
    }
    for (const session of byAge.slice(ROOMS_ENTERED + ROOMS_HELD)) {
      this.drop(session);
    }
  }
}
