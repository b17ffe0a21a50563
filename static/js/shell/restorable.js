import { on } from "../helpers/dom.js";
import { throttle } from "../helpers/timing.js";

/** @import { Message } from "../protocol.js" */
/** @import { OpenRoom } from "./open-room.js" */

/** The server answers for so many at once. */
const MOST_ASKED = 100;
/** milliseconds */
const ASKING_INTERVAL = 500;

/**
 * Which deleted messages a moderator can restore. A tombstone does not say who deleted it; what its
 * author took back, or was deleted long ago, stays so. The server is asked once for each deletion.
 */
export class Restorable {
  #room;
  /** @type {Map<number, { deletion: number, can: boolean }>} by the message's number */
  #known = new Map();

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  connect() {
    on(this.#room.timeline, "change", () => this.#ask());
    on(this.#room.permissions, "change", () => this.#ask());
    this.#ask();
  }

  /** @param {Message} message */
  has({ seq, updated_seq }) {
    const known = this.#known.get(seq);
    return known?.deletion === updated_seq && known.can;
  }

  #ask = throttle(async () => {
    const { timeline, permissions, address, list } = this.#room;
    if (!permissions.isModerator) {
      return;
    }
    const unknown = timeline.messages.filter(
      ({ deleted, seq, updated_seq }) => deleted && this.#known.get(seq)?.deletion !== updated_seq,
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
        this.#known.set(seq, { deletion: updated_seq, can: seqs.includes(seq) });
      }
      list.refresh();
    } catch {
      // Then they are not suggestions; the next change of the room asks again.
    }
  }, ASKING_INTERVAL);
}
