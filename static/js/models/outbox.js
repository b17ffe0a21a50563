/**
 * @typedef {{
 *   client_id: string, body: string, reply_to?: number, order: number,
 *   state: "waiting" | "sending" | "accepted" | "failed", code?: string, why?: string,
 *   seq?: number, committed?: string,
 * }} Entry A message on its way.
 * @typedef {Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">} Shelf
 */

/**
 * What one member wants to say in one room and the server has not got yet, first in first out.
 * Kept in the browser's storage, one key an entry, so that two tabs never overwrite each other's.
 * Dispatches `change`.
 */
export class Outbox extends EventTarget {
  #shelf;
  #prefix;
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /**
   * @param {Shelf} shelf
   * @param {string} owner member and room
   */
  constructor(shelf, owner) {
    super();
    this.#shelf = shelf;
    this.#prefix = `outbox:${owner}:`;
    this.refresh();
  }

  /** @returns {Entry[]} in the order in which they were written */
  get entries() {
    return [...this.#entries.values()].sort((one, other) => one.order - other.order);
  }

  /** @returns {Entry | undefined} the next one to send: a failed one holds nobody up */
  get next() {
    return this.entries.find(({ state }) => state === "waiting" || state === "sending");
  }

  /**
   * @param {{ client_id: string, body: string, reply_to?: number }} message
   * @param {number} now milliseconds
   */
  add({ client_id, body, reply_to }, now = Date.now()) {
    const last = Math.max(0, ...this.entries.map(({ order }) => order));
    const order = Math.max(now, last + 1);
    this.#store({ client_id, body, ...(reply_to && { reply_to }), order, state: "waiting" });
  }

  /** @param {string} client_id */
  sending(client_id) {
    this.#change(client_id, { state: "sending" });
  }

  /** @param {string} client_id its delivery is tried again later */
  waiting(client_id) {
    this.#change(client_id, { state: "waiting", code: undefined, why: undefined });
  }

  /**
   * The server has it for ever. It stays here, off the shelf, until the timeline shows it.
   *
   * @param {string} client_id
   * @param {{ seq: number, committed: string }} receipt
   */
  accepted(client_id, { seq, committed }) {
    this.#change(client_id, { state: "accepted", seq, committed });
    this.#shelf.removeItem(this.#prefix + client_id);
  }

  /**
   * @param {string} client_id
   * @param {{ code: string, why: string }} refusal
   */
  failed(client_id, { code, why }) {
    this.#change(client_id, { state: "failed", code, why });
  }

  /**
   * @param {string} client_id
   * @returns {Entry | undefined} what was taken out
   */
  take(client_id) {
    const entry = this.#entries.get(client_id);
    this.#drop([client_id]);
    return entry;
  }

  /**
   * The timeline reached `seq` and shows these: what is there need not be kept here.
   *
   * @param {Iterable<string>} client_ids of the member's own messages
   * @param {number} seq
   */
  settle(client_ids, seq) {
    const shown = [...client_ids].filter((client_id) => this.#entries.has(client_id));
    const passed = this.entries.filter((entry) => entry.seq !== undefined && entry.seq <= seq);
    this.#drop([...shown, ...passed.map(({ client_id }) => client_id)]);
  }

  /** Another tab may have added or sent something. */
  refresh() {
    const shelved = this.#shelved();
    for (const { client_id, state } of this.entries) {
      if (state !== "accepted" && !shelved.has(client_id)) {
        this.#entries.delete(client_id);
      }
    }
    for (const [client_id, entry] of shelved) {
      if (this.#entries.get(client_id)?.state !== "sending") {
        this.#entries.set(client_id, entry);
      }
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @returns {Map<string, Entry>} */
  #shelved() {
    const shelved = new Map();
    for (let index = 0; index < this.#shelf.length; index += 1) {
      const key = this.#shelf.key(index);
      if (key?.startsWith(this.#prefix)) {
        const entry = JSON.parse(this.#shelf.getItem(key) ?? "null");
        shelved.set(entry.client_id, entry);
      }
    }
    return shelved;
  }

  /**
   * @param {string} client_id
   * @param {Partial<Entry>} difference
   */
  #change(client_id, difference) {
    const entry = this.#entries.get(client_id);
    if (entry) {
      this.#store({ ...entry, ...difference });
    }
  }

  /** @param {Entry} entry */
  #store(entry) {
    this.#entries.set(entry.client_id, entry);
    if (entry.state !== "sending" && entry.state !== "accepted") {
      this.#shelf.setItem(this.#prefix + entry.client_id, JSON.stringify(entry));
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string[]} client_ids */
  #drop(client_ids) {
    for (const client_id of client_ids) {
      this.#entries.delete(client_id);
      this.#shelf.removeItem(this.#prefix + client_id);
    }
    if (client_ids.length > 0) {
      this.dispatchEvent(new Event("change"));
    }
  }
}
