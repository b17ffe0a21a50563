import { find, on } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";

/** @import { RoomSession } from "../models/room-session.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Header } from "./header.js" */

/** A room that is not there for me says so in its place, with a way back. */
export class MissingRoom {
  #parts;
  #panel = find(document, ".missing-room", HTMLElement);
  /** @type {RoomSession} the last one that was there */
  #last;

  /** @param {{ current: CurrentRoom, header: Header }} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#last = parts.current.session;
  }

  connect() {
    this.#parts.current.follow((session, signal) => {
      on(session.feed, "refused", () => this.#show(session), signal);
      on(session.feed, "live", () => this.#show(session), signal);
      this.#show(session);
    });
  }

  /** @param {RoomSession} session */
  #show(session) {
    const { isMissing, key } = session;
    this.#panel.hidden = !isMissing;
    find(document, "message-list", HTMLElement).hidden = isMissing;
    find(document, ".dock", HTMLElement).hidden = isMissing;
    if (!isMissing) {
      this.#last = session.timeline.isLoaded ? session : this.#last;
      return;
    }
    this.#parts.header.refresh();
    find(this.#panel, "h2", HTMLElement).textContent = interpolate(
      gettext("There is no room “{room}” for you"),
      { room: key },
    );
    const back = find(this.#panel, "a", HTMLAnchorElement);
    back.href = this.#last.address;
    back.textContent = interpolate(gettext("Back to {room}"), { room: this.#last.name });
    back.focus();
  }
}
