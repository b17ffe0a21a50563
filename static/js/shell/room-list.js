import { find, on } from "../helpers/dom.js";

/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** The list of rooms: which one is on the screen, and in which something was said since I was there. */
export class RoomList {
  #parts;

  /**
   * @param {{
   *   current: CurrentRoom, directory: RoomDirectory, sessions: RoomSessions, connection: Connection,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current, directory, sessions, connection } = this.#parts;
    on(connection, "frame", (frame) => directory.receive(frame));
    on(directory, "change", () => this.#show());
    current.follow(() => this.#show());
    sessions.follow(({ timeline }) => on(timeline, "change", () => this.#show()));
  }

  #show() {
    const { current } = this.#parts;
    let some = false;
    for (const link of links()) {
      const key = link.dataset.room ?? "";
      const isCurrent = key === current.session.key;
      const unread = !isCurrent && this.#isUnread(key);
      link.ariaCurrent = isCurrent ? "page" : null;
      find(link, ".unread-dot", HTMLElement).hidden = !unread;
      some ||= unread;
    }
    find(document, ".sides-button .unread-dot", HTMLElement).hidden = !some;
    find(document, "#sides-news", HTMLElement).hidden = !some;
  }

  /** @param {string} key */
  #isUnread(key) {
    const { sessions, directory } = this.#parts;
    const session = sessions.get(key);
    if (session?.feed.isLive) {
      return session.unread.count(session.timeline).count > 0;
    }
    const room = directory.get(key);
    return room !== undefined && directory.isUnread(room);
  }
}

/** @returns {HTMLAnchorElement[]} in the order of the list */
export function links() {
  return [...document.querySelectorAll("a[data-room]")].map(
    (link) => /** @type {HTMLAnchorElement} */ (link),
  );
}

/** @returns {{ key: string, name: string }[]} the rooms that the server wrote into the page */
export function writtenRooms() {
  return links().map((link) => ({
    key: link.dataset.room ?? "",
    name: find(link, "bdi", HTMLElement).textContent ?? "",
  }));
}
