import { on } from "../helpers/dom.js";
import { ChangeQueue } from "../models/change-queue.js";
import { Outbox } from "../models/outbox.js";
import { roomsWithQueue } from "../models/stored-queue.js";
import { ChangeDelivery } from "../realtime/change-delivery.js";
import { Delivery } from "../realtime/delivery.js";

/** @import { BrowserStorage } from "../helpers/storage.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { MemberRef } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** What was written in rooms that are not on the screen is sent too, when there is a connection again. */
export class BackgroundSending {
  #parts;
  /**
   * What is emptied, by room: while that goes on, another part of the page or another tab may take
   * something out.
   *
   * @type {Map<string, { outbox: Outbox, changes: ChangeQueue }>}
   */
  #running = new Map();

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, sessions: RoomSessions, connection: Connection,
   *   requests: Requests, storage: BrowserStorage,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current, connection, sessions } = this.#parts;
    // The room on the screen comes first.
    current.follow(({ feed }, signal) => on(feed, "live", () => this.#sendAll(), signal));
    on(connection, "state", () => this.#parts.current.session.isMissing && this.#sendAll());
    addEventListener("storage", (change) => this.#noteElsewhere(change));
    sessions.follow((session) => this.#followRunning(session));
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
    const owner = `${me.id}:${room}`;
    const outbox = new Outbox(storage, owner);
    const changes = new ChangeQueue(storage, owner, me);
    this.#running.set(room, { outbox, changes });
    const sending = { requests, room, mayRun: () => connection.isOpen };
    // The session of a room that is opened meanwhile waits for these locks.
    const deliveries = [
      new Delivery({ ...sending, outbox, lock: `outbox:${owner}` }),
      new ChangeDelivery({ ...sending, changes, lock: `changes:${owner}` }),
    ];
    await Promise.all(deliveries.map((delivery) => delivery.run()));
    this.#running.delete(room);
  }

  /** @param {RoomSession} session of a room that was opened: its storage is the same */
  #followRunning({ key, outbox, changes }) {
    on(outbox, "change", () => this.#running.get(key)?.outbox.refresh());
    on(changes, "change", () => this.#running.get(key)?.changes.refresh());
  }

  /** @param {StorageEvent} change by another tab */
  #noteElsewhere(change) {
    if (this.#running.size > 0) {
      this.#parts.storage.storedElsewhere(change.key);
      for (const { outbox, changes } of this.#running.values()) {
        outbox.changedElsewhere(change);
        changes.changedElsewhere(change);
      }
    }
  }
}
