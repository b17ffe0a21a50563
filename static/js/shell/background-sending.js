import { on } from "../helpers/dom.js";
import { ChangeQueue } from "../models/change-queue.js";
import { Outbox } from "../models/outbox.js";
import { roomsWithQueue } from "../models/stored-queue.js";
import { ChangeDelivery } from "../realtime/change-delivery.js";
import { Delivery } from "../realtime/delivery.js";

/** @import { KeyValueStorage } from "../models/stored-queue.js" */
/** @import { MemberRef } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** What was written in rooms that are not on the screen is sent too, when there is a connection again. */
export class BackgroundSending {
  #parts;
  /** @type {Set<string>} rooms of which nothing is held, while their outboxes are emptied */
  #running = new Set();

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, sessions: RoomSessions, connection: Connection,
   *   requests: Requests, storage: KeyValueStorage,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current, connection } = this.#parts;
    // The room on the screen comes first.
    current.follow(({ feed }, signal) => on(feed, "live", () => this.#sendAll(), signal));
    on(connection, "state", () => this.#parts.current.session.isMissing && this.#sendAll());
  }

  #sendAll() {
    const { me, sessions, storage } = this.#parts;
    const rooms = ["outbox", "changes"].flatMap((name) => roomsWithQueue(storage, name, me.id));
    for (const room of new Set(rooms)) {
      const session = sessions.get(room);
      if (session) {
        session.sendAll();
      } else {
        this.#send(room);
      }
    }
  }

  /** @param {string} room of which nothing is held */
  async #send(room) {
    const { me, requests, connection, storage } = this.#parts;
    if (this.#running.has(room)) {
      return;
    }
    this.#running.add(room);
    const owner = `${me.id}:${room}`;
    const sending = { requests, room, mayRun: () => connection.isOpen };
    // The session of a room that is opened meanwhile waits for these locks.
    const messages = new Delivery({
      ...sending,
      outbox: new Outbox(storage, owner),
      lock: `outbox:${owner}`,
    });
    const changes = new ChangeDelivery({
      ...sending,
      changes: new ChangeQueue(storage, owner, me),
      lock: `changes:${owner}`,
    });
    await Promise.all([messages.run(), changes.run()]);
    this.#running.delete(room);
  }
}
