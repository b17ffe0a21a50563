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
      on(session.permissions, "change", () => this.#show(session), signal);
      this.#show(session);
    });
  }

  /** @param {RoomSession} session */
  #show(session) {
    const { isMissing, key, permissions } = session;
    const isGone = isMissing || permissions.removed;
    const wasGone = !this.#panel.hidden;
    this.#panel.hidden = !isGone;
    find(document, "message-list", HTMLElement).hidden = isGone;
    // What could not be sent to a room that was taken away is said there.
    find(document, ".dock", HTMLElement).hidden = isMissing;
    if (!isGone) {
      this.#last = session.timeline.isLoaded ? session : this.#last;
      return;
    }
    if (isMissing) {
      this.#parts.header.refresh();
    }
    find(this.#panel, "h2", HTMLElement).textContent = isMissing
      ? interpolate(gettext("There is no room “{room}” for you"), { room: key })
      : gettext("This room is not open to you any more");
    find(this.#panel, "p", HTMLElement).hidden = !isMissing;
    const back = find(this.#panel, "a", HTMLAnchorElement);
    const isElsewhere = this.#last !== session;
    back.href = isElsewhere ? this.#last.address : "/";
    back.textContent = isElsewhere
      ? interpolate(gettext("Back to {room}"), { room: this.#last.name })
      : gettext("Go to the lobby");
    if (!wasGone) {
      back.focus();
    }
  }
}
