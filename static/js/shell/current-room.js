/** @import { RoomSession } from "../models/room-session.js" */

/**
 * The room on the screen. Dispatches `leave` (detail: the session) while it is still there, and `change`
 * when another one is.
 */
export class CurrentRoom extends EventTarget {
  #session;
  #stay = new AbortController();

  /** @param {RoomSession} session */
  constructor(session) {
    super();
    this.#session = session;
  }

  get session() {
    return this.#session;
  }

  /** @param {RoomSession} session */
  show(session) {
    if (session === this.#session) {
      return;
    }
    this.dispatchEvent(new CustomEvent("leave", { detail: this.#session }));
    this.#stay.abort();
    this.#stay = new AbortController();
    this.#session = session;
    this.dispatchEvent(new CustomEvent("change", { detail: session }));
  }

  /**
   * For the room that is shown now, and for each that is shown later.
   *
   * @param {(session: RoomSession, signal: AbortSignal) => void} then `signal`: ends when the room is left
   */
  follow(then) {
    then(this.#session, this.#stay.signal);
    this.addEventListener("change", () => then(this.#session, this.#stay.signal));
  }
}
