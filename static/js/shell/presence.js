import { RoomRoster } from "../elements/room-roster.js";
import { find, isolated, on } from "../helpers/dom.js";
import { listedParts } from "../helpers/text.js";
import { Event as ServerEvent } from "../protocol.js";

/** @import { OpenRoom } from "./open-room.js" */

/** The server forgets who types after 5 s; if it cannot say so, we do. Milliseconds. */
const TYPING_TIME = 6_000;

/** Who is here, and who is writing. */
export class Presence {
  #room;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typingTimer;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  connect() {
    const { connection, key, roster, permissions } = this.#room;
    let dealt = permissions.isModerator;
    on(permissions, "change", () => {
      if (dealt !== permissions.isModerator) {
        dealt = permissions.isModerator;
        this.#showRoster();
      }
    });
    on(connection, "frame", (frame) => {
      if (frame.room !== key) {
        return;
      }
      if (frame.type === ServerEvent.PRESENCE_STATE) {
        roster.replace(frame);
        this.#showRoster();
      } else if (frame.type === ServerEvent.PRESENCE_DIFF) {
        roster.update(frame);
        this.#showRoster();
      } else if (frame.type === ServerEvent.TYPING) {
        this.#showTyping(frame.names);
      }
    });
  }

  #showRoster() {
    const { roster, me, permissions } = this.#room;
    find(document, "room-roster", RoomRoster).show(roster, me, permissions.isModerator);
    find(document, "#here-count", HTMLElement).textContent =
      `${roster.count.toLocaleString()} here`;
  }

  /** @param {string[]} names */
  #showTyping(names) {
    clearTimeout(this.#typingTimer);
    const others = names.filter((name) => name !== this.#room.me.name);
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
