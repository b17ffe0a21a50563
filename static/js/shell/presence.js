import { find, isolated, make, on } from "../helpers/dom.js";
import { gettext, interpolateNodes } from "../helpers/i18n.js";
import { listedParts } from "../helpers/text.js";
import { Event as ServerEvent } from "../protocol.js";

/** @import { Frame, MemberRef } from "../protocol.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** The server forgets who types after 5 s; if it cannot say so, we do. Milliseconds. */
const TYPING_TIME = 6_000;

/** Keeps the rosters of all rooms that are held, and says who is writing in the one on the screen. */
export class Presence {
  #parts;
  /** @type {WeakMap<RoomSession, ReturnType<typeof setTimeout>>} */
  #typingTimers = new WeakMap();

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
    current.follow(({ roster }, signal) => {
      on(roster, "change", () => this.#showTyping(roster.typing), signal);
      this.#showTyping(roster.typing);
    });
  }

  /**
   * @param {RoomSession} session
   * @param {Frame} frame
   */
  #note(session, frame) {
    const { roster, names, timeline } = session;
    if (frame.type === ServerEvent.PRESENCE_STATE) {
      roster.replace(/** @type {any} */ (frame));
      names.noteAll(frame.members, timeline.position.seq);
    } else if (frame.type === ServerEvent.PRESENCE_DIFF) {
      roster.update(/** @type {any} */ (frame));
      names.noteAll(frame.joined, timeline.position.seq);
    } else if (frame.type === ServerEvent.TYPING) {
      clearTimeout(this.#typingTimers.get(session));
      this.#typingTimers.set(
        session,
        setTimeout(() => roster.type([]), TYPING_TIME),
      );
      roster.type(frame.names);
    }
  }

  /** @param {string[]} names */
  #showTyping(names) {
    const others = names.filter((name) => name !== this.#parts.me.name);
    const parts = listedParts(others).map(({ type, value }) =>
      type === "element" ? isolated(value) : value,
    );
    const list = make("span", {}, ...parts);
    const sentence =
      others.length === 1 ? gettext("{names} is typing…") : gettext("{names} are typing…");
    const shown = others.length > 0 ? interpolateNodes(sentence, { names: list }) : [];
    find(document, ".typing", HTMLElement).replaceChildren(...shown);
  }
}
