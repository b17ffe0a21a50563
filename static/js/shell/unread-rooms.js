import { find, on } from "../helpers/dom.js";
import { Event as ServerEvent } from "../protocol.js";

/** @import { OpenRoom } from "./open-room.js" */

/** The dots at rooms that the member has been in, and where something was said since. */
export class UnreadRooms {
  #room;
  #links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a[data-room]")]);

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  connect() {
    on(this.#room.connection, "frame", (frame) => {
      if (frame.type === ServerEvent.HEARTBEAT && frame.said) {
        this.#show(frame.said);
      }
    });
    this.#show(this.#room.boot.said);
  }

  /** @param {Record<string, number>} said the number of the last message in each room */
  #show(said) {
    const { rooms } = this.#room.boot;
    let some = false;
    for (const link of this.#links) {
      const key = link.dataset.room ?? "";
      // A room that was never entered has nothing to catch up with.
      const unread = key !== this.#room.key && (said[key] ?? 0) > (rooms[key] ?? Infinity);
      find(link, ".unread-dot", HTMLElement).hidden = !unread;
      some ||= unread;
    }
    find(document, ".sides-button .unread-dot", HTMLElement).hidden = !some;
    find(document, "#sides-news", HTMLElement).hidden = !some;
  }
}
