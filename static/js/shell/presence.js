import { RoomRoster } from "../elements/room-roster.js";
import { find, isolated, on } from "../helpers/dom.js";
import { listedParts } from "../helpers/text.js";
import { Event as ServerEvent } from "../protocol.js";

/** @import { RoomSession } from "../models/room-session.js" */
/** @import { Frame, MemberRef } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** The server forgets who types after 5 s; if it cannot say so, we do. Milliseconds. */
const TYPING_TIME = 6_000;

/** Who is here, and who is writing. */
export class Presence {
  #parts;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typingTimer;

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, sessions: RoomSessions, connection: Connection,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { connection, current, sessions } = this.#parts;
    on(connection, "frame", (frame) => {
      const session = sessions.get(frame.room);
      if (session) {
        this.#note(session, frame);
      }
    });
    current.follow(({ permissions }, signal) => {
      let dealt = permissions.isModerator;
      const follow = () => {
        if (dealt !== permissions.isModerator) {
          dealt = permissions.isModerator;
          this.#showRoster();
        }
      };
      on(permissions, "change", follow, signal);
      this.#showRoster();
      this.#showTyping([]);
    });
  }

  /**
   * @param {RoomSession} session
   * @param {Frame} frame
   */
  #note(session, frame) {
    const isShown = session === this.#parts.current.session;
    if (frame.type === ServerEvent.PRESENCE_STATE) {
      session.roster.replace(/** @type {any} */ (frame));
    } else if (frame.type === ServerEvent.PRESENCE_DIFF) {
      session.roster.update(/** @type {any} */ (frame));
    } else if (frame.type === ServerEvent.TYPING && isShown) {
      this.#showTyping(frame.names);
      return;
    } else {
      return;
    }
    if (isShown) {
      this.#showRoster();
    }
  }

  #showRoster() {
    const { me, current } = this.#parts;
    const { roster, permissions } = current.session;
    find(document, "room-roster", RoomRoster).show(roster, me, permissions.isModerator);
    find(document, "#here-count", HTMLElement).textContent =
      roster.count > 0 ? `${roster.count.toLocaleString()} here` : "";
  }

  /** @param {string[]} names */
  #showTyping(names) {
    clearTimeout(this.#typingTimer);
    const others = names.filter((name) => name !== this.#parts.me.name);
    const verb = others.length === 1 ? "is" : "are";
    const parts = listedParts(others).map(({ type, value }) =>
      type === "element" ? isolated(value) : value,
    );
    find(document, ".typing", HTMLElement).replaceChildren(
      ...parts,
      others.length > 0 ? ` ${verb} typing…` : "",
    );
    this.#typingTimer = setTimeout(() => this.#showTyping([]), TYPING_TIME);
  }
}
