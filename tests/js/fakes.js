/** @import { Frame, Message, Reaction, RoomChanges, RoomEntered } from "../../static/js/protocol.js" */

/** Time that passes when it is told to. */
export class FakeTimers {
  #now = 0;
  #count = 0;
  /** @type {Map<number, { at: number, callback: () => void }>} */
  #timers = new Map();

  setTimeout = (/** @type {() => void} */ callback, /** @type {number} */ delay) => {
    this.#count += 1;
    this.#timers.set(this.#count, { at: this.#now + delay, callback });
    return this.#count;
  };

  clearTimeout = (/** @type {number} */ timer) => {
    this.#timers.delete(timer);
  };

  /** @param {number} milliseconds */
  pass(milliseconds) {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      const [next] = due.sort(([, one], [, other]) => one.at - other.at);
      if (!next) {
        break;
      }
      this.#timers.delete(next[0]);
      this.#now = next[1].at;
      next[1].callback();
    }
    this.#now = end;
  }
}

/** A connection whose other end is the test. */
export class FakeLine extends EventTarget {
  isOpen = true;
  /** @type {{ code?: number, reason?: string }} */
  state = {};
  /** @type {Frame[]} */
  sent = [];

  /** @param {Frame} frame */
  send(frame) {
    if (this.isOpen) {
      this.sent.push(frame);
    }
    return this.isOpen;
  }

  /** @param {Frame | RoomChanges | RoomEntered} frame */
  receive(frame) {
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  open() {
    this.isOpen = true;
    this.dispatchEvent(new CustomEvent("state"));
  }

  /**
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code, reason) {
    this.isOpen = false;
    this.state = { ...(code && { code }), ...(reason && { reason }) };
    this.dispatchEvent(new CustomEvent("state"));
  }
}

/** A browser's storage that several tabs may share. */
export class FakeStorage {
  /** @type {Map<string, string>} */
  items = new Map();

  keys() {
    return [...this.items.keys()];
  }

  /** @param {string} key */
  getItem(key) {
    return this.items.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  setItem(key, value) {
    this.items.set(key, value);
  }

  /** @param {string} key */
  removeItem(key) {
    this.items.delete(key);
  }
}

/** Lets everything happen that is only waiting for its turn. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * The log of a room, as a server would keep it.
 */
export class FakeRoom {
  head = 0;
  epoch = "first";
  /** @type {Map<number, Message>} */
  messages = new Map();

  /**
   * @param {string} body
   * @param {Partial<Message>} rest
   */
  post(body, rest = {}) {
    this.head += 1;
    const seq = this.head;
    this.messages.set(seq, {
      id: `id-${seq}`,
      seq,
      updated_seq: seq,
      author: { id: 1, name: "Ann" },
      body,
      created_at: new Date(seq * 1_000).toISOString(),
      client_id: `c-${seq}`,
      ...rest,
    });
    return seq;
  }

  /**
   * @param {number} seq
   * @param {string} body
   */
  edit(seq, body) {
    this.head += 1;
    const message = /** @type {Message} */ (this.messages.get(seq));
    const edited_at = new Date(this.head * 1_000).toISOString();
    this.messages.set(seq, { ...message, body, edited_at, updated_seq: this.head });
    return this.head;
  }

  /**
   * @param {number} seq
   * @param {Reaction[]} reactions all that it then has
   */
  react(seq, reactions) {
    this.head += 1;
    const message = /** @type {Message} */ (this.messages.get(seq));
    this.messages.set(seq, { ...message, reactions, updated_seq: this.head });
  }

  /** @returns {Message[]} as a page loaded now would show them */
  get log() {
    return [...this.messages.values()].sort((one, other) => one.seq - other.seq);
  }

  /**
   * What a node says after the commit of from…to.
   *
   * @param {number} from
   * @param {number} to
   * @returns {RoomChanges}
   */
  changes(from, to = from) {
    return {
      type: "room.changes",
      room: "lobby",
      epoch: this.epoch,
      from,
      to,
      to_id: `id-${to}`,
      messages: this.#changed(from, to),
    };
  }

  /**
   * @param {number} since
   * @param {number} limit
   * @returns {RoomEntered}
   */
  entered(since, limit = 100) {
    const changed = this.#changed(since + 1, this.head);
    const more = changed.length > limit;
    const messages = changed.slice(0, limit);
    const to = more ? (messages.at(-1)?.updated_seq ?? since) : this.head;
    return {
      type: "room.entered",
      ref: "",
      room: "lobby",
      epoch: this.epoch,
      head: this.head,
      from: since + 1,
      to,
      to_id: `id-${to}`,
      messages,
      more,
    };
  }

  /**
   * @param {number} before
   * @param {number} limit
   */
  history(before, limit) {
    const older = this.log.filter(({ seq }) => seq < before);
    const messages = older.slice(-limit);
    const more = older.length > limit;
    return /** @type {const} */ ({ type: "history.page", ref: "", room: "lobby", messages, more });
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #changed(from, to) {
    return [...this.messages.values()]
      .filter(({ updated_seq }) => updated_seq >= from && updated_seq <= to)
      .sort((one, other) => one.updated_seq - other.updated_seq);
  }
}
