/** @import { HistoryPage, Message, Position, RoomChanges, RoomEntered } from "../protocol.js" */

/** Applied: the log grew. Old: nothing new in it. Gap: something between is missing. */
/** @typedef {"applied" | "old" | "gap"} Verdict */

/** So many changes of messages that are not held are remembered. */
const MOST_ELSEWHERE = 1_000;

/**
 * The messages of one room: ordered by seq, each present once in its newest state, without a hole
 * from the oldest one held up to the cursor; or, with `newer`, up to some earlier number: someone
 * followed a link into the past. Dispatches `change` (detail: TimelineChange).
 *
 * @typedef {{ added: Message[], beyond: number[], reset: boolean, live: boolean }} TimelineChange
 *   `live`: at the end, not older history; `beyond`: authors of new messages that are not held
 * @typedef {{ messages: Message[], to: number, asked: number }} NewerPage
 *   all messages up to the number `to`; `asked`: where the cursor was when it was asked for
 */
export class Timeline extends EventTarget {
  /** Whether the server holds older messages than the oldest one here. */
  more = false;

  /** @type {Message[]} */
  #messages = [];
  /** @type {Map<number, Message>} */
  #bySeq = new Map();
  /** Changes of messages that are not held: a page on its way may not know them yet. */
  /** @type {Map<number, Message>} */
  #elsewhere = new Map();
  /** The newest number that `#elsewhere` had no room for. */
  #forgotten = 0;
  /** With it, nothing newer than this number is held. */
  /** @type {number | null} */
  #edge = null;
  /** @type {Position} */
  #position;

  /**
   * @param {{ position: Position, messages: Message[], more: boolean, newer?: boolean }} page
   */
  constructor({ position, messages, more, newer = false }) {
    super();
    this.#position = position;
    this.#startFrom(messages, more);
    this.#edge = newer ? (messages.at(-1)?.seq ?? 0) : null;
  }

  /** @returns {readonly Message[]} */
  get messages() {
    return this.#messages;
  }

  get position() {
    return this.#position;
  }

  /** Whether anything is known of the room: one that was never entered has no epoch. */
  get isLoaded() {
    return this.#position.epoch !== "";
  }

  get oldest() {
    return this.#messages[0]?.seq ?? this.#position.seq + 1;
  }

  /** Whether the room goes on where the messages held here end. */
  get newer() {
    return this.#edge !== null;
  }

  /** The number up to which everything since the oldest message is held. */
  get edge() {
    return this.#edge ?? this.#position.seq;
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
   * The answer to room.enter: a continuation, or with `reset` a new beginning. What a room that was
   * not loaded begins with is no news.
   *
   * @param {RoomEntered} entered
   */
  enter(entered) {
    if (entered.reset || entered.epoch !== this.#position.epoch) {
      const live = this.isLoaded;
      this.#position = { epoch: entered.epoch, seq: entered.to, id: entered.to_id };
      this.#startFrom(entered.messages, entered.more);
      this.#announce({ added: [...this.#messages], reset: true, live });
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
   * Newer history: what follows the edge.
   *
   * @param {NewerPage} page
   */
  append({ messages, to, asked }) {
    const added = messages.filter((message) => this.#put(this.#newest(message)));
    this.#reach(to, asked);
    this.#announce({ added, reset: false, live: false });
  }

  /**
   * Another part of the room, instead of what is held.
   *
   * @param {NewerPage & { more: boolean }} page
   */
  move({ messages, more, to, asked }) {
    const newest = messages.map((message) => this.#newest(message));
    const elsewhere = this.#elsewhere;
    this.#startFrom(newest, more);
    this.#elsewhere = elsewhere;
    this.#reach(to, asked);
    this.#announce({ added: [...this.#messages], reset: true, live: false });
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
    this.#elsewhere = new Map();
    this.#edge = null;
    for (const message of messages) {
      this.#put(message);
    }
    this.more = more;
  }

  /** @param {RoomChanges | RoomEntered} slice */
  #advance({ epoch, to, to_id, messages }) {
    const before = this.#position.seq;
    const added = messages.filter((message) => this.#take(message));
    const beyond = this.newer ? messages.filter(({ seq }) => seq > before) : [];
    this.#position = { epoch, seq: to, id: to_id };
    this.#announce({
      added,
      beyond: beyond.map(({ author }) => author.id),
      reset: false,
      live: true,
    });
  }

  /**
   * Everything up to `to` is held now. If that is all there was, what came since follows.
   *
   * @param {number} to
   * @param {number} asked
   */
  #reach(to, asked) {
    this.#edge = Math.min(to, asked);
    if (to >= asked && this.#forgotten <= asked) {
      this.#edge = null;
      for (const [seq, message] of this.#elsewhere) {
        if (seq > asked) {
          this.#elsewhere.delete(seq);
          this.#put(message);
        }
      }
    }
  }

  /**
   * @param {Message} message
   * @returns {boolean} whether it was not held before
   */
  #take(message) {
    const { seq } = message;
    if ((this.more && seq < this.oldest) || (this.#edge !== null && seq > this.#edge)) {
      this.#remember(message);
      return false;
    }
    return this.#put(message);
  }

  /** @param {Message} message that is not held */
  #remember(message) {
    this.#elsewhere.delete(message.seq);
    this.#elsewhere.set(message.seq, message);
    if (this.#elsewhere.size > MOST_ELSEWHERE) {
      const [first] = this.#elsewhere.keys();
      this.#elsewhere.delete(/** @type {number} */ (first));
      this.#forgotten = Math.max(this.#forgotten, /** @type {number} */ (first));
    }
  }

  /**
   * @param {Message} message
   * @returns {Message} it, or the newer state of it that was passed over
   */
  #newest(message) {
    const known = this.#elsewhere.get(message.seq);
    this.#elsewhere.delete(message.seq);
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

  /** @param {Omit<TimelineChange, "beyond"> & { beyond?: number[] }} change */
  #announce(change) {
    this.dispatchEvent(new CustomEvent("change", { detail: { beyond: [], ...change } }));
  }
}
