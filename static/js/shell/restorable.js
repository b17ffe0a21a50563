import { on } from "../helpers/dom.js";
import { throttle } from "../helpers/timing.js";

/** @import { Message } from "../protocol.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** The server answers for so many at once. */
const MOST_ASKED = 100;
/** milliseconds */
const ASKING_INTERVAL = 500;

/**
 * Which deleted messages a moderator can restore. A tombstone does not say who deleted it; what its
 * author took back, or was deleted long ago, stays so. The server is asked once for each deletion.
 */
export class Restorable {
  #current;
  #list;
  /** @type {WeakMap<RoomSession, Map<number, { deletion: number, can: boolean }>>} by the message's number */
  #known = new WeakMap();

  /** @param {{ current: CurrentRoom, list: MessageList }} parts */
  constructor({ current, list }) {
    this.#current = current;
    this.#list = list;
  }

  connect() {
    this.#current.follow(({ timeline, permissions }, signal) => {
      on(timeline, "change", () => this.#ask(), signal);
      on(permissions, "change", () => this.#ask(), signal);
      this.#ask();
    });
  }

  /** @param {Message} message */
  has({ seq, updated_seq }) {
    const known = this.#of(this.#current.session).get(seq);
    return known?.deletion === updated_seq && known.can;
  }

  /** @param {RoomSession} session */
  #of(session) {
    const known = this.#known.get(session) ?? new Map();
    this.#known.set(session, known);
    return known;
  }

  #ask = throttle(async () => {
    const { session } = this.#current;
    const { timeline, permissions, address } = session;
    const known = this.#of(session);
    if (!permissions.isModerator) {
      return;
    }
    const unknown = timeline.messages.filter(
      ({ deleted, seq, updated_seq }) => deleted && known.get(seq)?.deletion !== updated_seq,
    );
    const asked = unknown.slice(-MOST_ASKED);
    if (asked.length === 0) {
      return;
    }
    try {
      const query = asked.map(({ seq }) => seq).join(",");
      const answer = await fetch(`${address}restorable/?seqs=${query}`);
      /** @type {{ seqs: number[] }} */
      const { seqs } = await answer.json();
      for (const { seq, updated_seq } of asked) {
        known.set(seq, { deletion: updated_seq, can: seqs.includes(seq) });
      }
      this.#list.refresh();
    } catch {
      // Then they are not offered; the next change of the room asks again.
    }
  }, ASKING_INTERVAL);
}
