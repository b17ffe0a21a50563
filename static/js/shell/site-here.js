import { find, on } from "../helpers/dom.js";
import { ngettext } from "../helpers/i18n.js";
import { Event as ServerEvent } from "../protocol.js";

/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** How many members are on the site, under its name. The server tells it with each heartbeat. */
export class SiteHere {
  #connection;
  #current;
  #place = find(document, ".brand-here", HTMLElement);
  #told = 0;

  /** @param {{ connection: Connection, current: CurrentRoom }} parts */
  constructor({ connection, current }) {
    this.#connection = connection;
    this.#current = current;
  }

  connect() {
    on(this.#connection, "frame", ({ type, here = 0 }) => {
      if (type === ServerEvent.HELLO || type === ServerEvent.HEARTBEAT) {
        this.#told = here;
        this.#show();
      }
    });
    on(this.#connection, "state", () => this.#show());
    this.#current.follow(({ roster }, signal) => {
      on(roster, "change", () => this.#show(), signal);
    });
  }

  #show() {
    // There cannot be fewer on the site than in the room on the screen, which is told at once.
    const count = Math.max(this.#told, this.#current.session.roster.count);
    const isKnown = this.#connection.isOpen && count > 0;
    this.#place.textContent = isKnown
      ? ngettext("{count} here now", "{count} here now", count)
      : "";
  }
}
