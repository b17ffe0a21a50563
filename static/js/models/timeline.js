/** @import { HistoryPage, Message, Position, RoomChanges, RoomEntered } from "../protocol.js" */

/** Applied: the log grew. Old: nothing new in it. Gap: something between is missing. */
/** @typedef {"applied" | "old" | "gap"} Verdict */

/**
 * The messages of one room: ordered by seq, each present once in its newest state, without a hole
 * from the oldest one held up to the cursor. Dispatches `change` (detail: TimelineChange).
 *
 * @typedef {{ added: Message[], reset: boolean, live: boolean }} TimelineChange
 *   `live`: at the end, not older history
 */
export class Timeline extends EventTarget {
  /** Whether the server holds older messages than the oldest one here. */
  more = false;

  /** @type {Message[]} */
  #messages = [];
  /** @type {Map<number, Message>} */
  #bySeq = new Map();
  /** Changes of messages older than those held: a history page on its way may not know them yet. */
  /** @type {Map<number, Message>} */
  #older = new Map();
  /** @type {Position} */
  #position;

  /** @param {{ position: Position, messages: Message[], more: boolean }} page */
  constructor({ position, messages, more }) {
    super();
    this.#position = position;
    this.#startFrom(messages, more);
  }

  /** @returns {readonly Message[]} */
  get messages() {
    return this.#messages;
  }

  get position() {
    return this.#position;
  }

  get oldest() {
    return this.#messages[0]?.seq ?? this.#position.seq + 1;
  }

  /**
   * @param {number} seq
   * @returns {Message | undefined}
   */
  at(seq) {
    return this.#bySeq.get(seq);
  }

  /**
   * What the server says by itself. Nothing is appended across a gap.
   *
   * @param {RoomChanges} changes
   * @returns {Verdict}
   */
  apply(changes) {
    const { epoch, seq } = this.#position;
    if (changes.epoch !== epoch || changes.from > seq + 1) {
      return "gap";
    }
    if (changes.to <= seq) {
      return "old";
    }
    this.#advance(changes);
    return "applied";
  }

  /**
   * The answer to room.enter: a continuation, or with `reset` a new beginning.
   *
   * @param {RoomEntered} entered
   */
  enter(entered) {
    if (entered.reset || entered.epoch !== this.#position.epoch) {
      this.#position = { epoch: entered.epoch, seq: entered.to, id: entered.to_id };
      this.#startFrom(entered.messages, entered.more);
      this.#announce({ added: [...this.#messages], reset: true, live: true });
    } else if (entered.to >= this.#position.seq) {
      this.#advance(entered);
    }
  }

  /**
   * Older history: the messages just before the oldest one held.
   *
   * @param {HistoryPage} page
   */
  prepend({ messages, more }) {
    const added = messages.filter((message) => this.#put(this.#newest(message)));
    this.more = more;
    this.#announce({ added, reset: false, live: false });
  }

  /**
   * Forgets all but the newest; they can be loaded again.
   *
   * @param {number} keep
   */
  trim(keep) {
    const surplus = this.#messages.length - keep;
    if (surplus > 0) {
      for (const { seq } of this.#messages.splice(0, surplus)) {
        this.#bySeq.delete(seq);
      }
      this.more = true;
    }
  }

  /**
   * @param {Message[]} messages
   * @param {boolean} more
   */
  #startFrom(messages, more) {
    this.#messages = [];
    this.#bySeq.clear();
    this.#older.clear();
    for (const message of messages) {
      this.#put(message);
    }
    this.more = more;
  }

  /** @param {RoomChanges | RoomEntered} slice */
  #advance({ epoch, to, to_id, messages }) {
    const added = messages.filter((message) => this.#take(message));
    this.#position = { epoch, seq: to, id: to_id };
    this.#announce({ added, reset: false, live: true });
  }

  /**
   * @param {Message} message
   * @returns {boolean} whether it was not held before
   */
  #take(message) {
    if (this.more && message.seq < this.oldest) {
      this.#older.set(message.seq, message);
      return false;
    }
    return this.#put(message);
  }

  /**
   * @param {Message} message
   * @returns {Message} it, or the newer state of it that was passed over
   */
  #newest(message) {
    const known = this.#older.get(message.seq);
    this.#older.delete(message.seq);
    return known && known.updated_seq > message.updated_seq ? known : message;
  }

  /**
   * @param {Message} message
   * @returns {boolean} whether it was not held before
   */
  #put(message) {
    const held = this.#bySeq.get(message.seq);
    if (held && held.updated_seq >= message.updated_seq) {
      return false;
    }
    const before = this.#messages.findLastIndex((other) => other.seq < message.seq);
    this.#messages.splice(before + 1, held ? 1 : 0, message);
    this.#bySeq.set(message.seq, message);
    return !held;
  }

  /** @param {TimelineChange} change */
  #announce(change) {
    this.dispatchEvent(new CustomEvent("change", { detail: change }));
  }
}
