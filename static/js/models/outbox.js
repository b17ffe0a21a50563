/**
 * @typedef {{
 *   client_id: string, body: string, reply_to?: number, order: number,
 *   state: "waiting" | "sending" | "accepted" | "failed", code?: string, why?: string,
 *   strikes?: number, isSlow?: boolean, seq?: number, committed?: string,
 * }} Entry A message on its way. `strikes`: what went wrong with it so far; `isSlow`: it has been
 *   on its way for so long that its author may want it back.
 * @typedef {{
 *   keys: () => string[], getItem: (key: string) => string | null,
 *   setItem: (key: string, value: string) => void, removeItem: (key: string) => void,
 * }} KeyValueStorage
 */

const STATES = new Set(["waiting", "sending", "accepted", "failed"]);
/** As the server wants a client_id. */
const CLIENT_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** Where an entry goes that nobody can read: it stays in the browser, and out of the way. */
const SET_ASIDE = "set-aside:";

/**
 * What one member wants to say in one room and the server has not got yet, first in first out.
 * Kept in the browser's storage, one key an entry, so that two tabs never overwrite each other's.
 * Dispatches `change`.
 */
export class Outbox extends EventTarget {
  #storage;
  #prefix;
  /** A key that is there as long as nobody has emptied the storage. */
  #mark;
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /**
   * @param {KeyValueStorage} storage
   * @param {string} owner member and room
   */
  constructor(storage, owner) {
    super();
    this.#storage = storage;
    this.#prefix = `outbox:${owner}:`;
    this.#mark = `storage-mark:${owner}`;
    this.refresh();
  }

  /** @returns {Entry[]} in the order in which they were written */
  get entries() {
    return [...this.#entries.values()].sort((one, other) => one.order - other.order);
  }

  /** @returns {Entry | undefined} the next one to send: a failed one holds nobody up */
  get next() {
    return this.entries.find(isUnsent);
  }

  /**
   * @param {string} client_id
   * @returns {boolean} whether it is still to be sent
   */
  holds(client_id) {
    return this.#entries.has(client_id);
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

  /**
   * Those who wrote these may want them back by now.
   *
   * @param {number} before milliseconds: when they were written
   */
  markSlow(before) {
    for (const entry of this.entries) {
      if (entry.order <= before && isUnsent(entry) && !entry.isSlow) {
        this.#change(entry.client_id, { isSlow: true });
      }
    }
  }

  /**
   * @param {string} client_id its delivery is tried again later
   * @param {number} strikes 0: as if it were new
   */
  waiting(client_id, strikes = 0) {
    this.#change(client_id, { state: "waiting", code: undefined, why: undefined, strikes });
  }

  /**
   * The server has it for ever. It stays here, no longer in storage, until the timeline shows it.
   *
   * @param {string} client_id
   * @param {{ seq: number, committed: string }} receipt
   */
  accepted(client_id, { seq, committed }) {
    this.#change(client_id, { state: "accepted", seq, committed });
    this.#storage.removeItem(this.#prefix + client_id);
  }

  /**
   * @param {string} client_id
   * @param {{ code: string, why: string }} refusal
   */
  failed(client_id, { code, why }) {
    this.#change(client_id, { state: "failed", code, why, strikes: undefined });
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
  reconcile(client_ids, seq) {
    const shown = [...client_ids].filter((client_id) => this.#entries.has(client_id));
    const passed = this.entries.filter((entry) => entry.seq !== undefined && entry.seq <= seq);
    this.#drop([...shown, ...passed.map(({ client_id }) => client_id)]);
  }

  /** Another tab may have added or sent something; or all storage was emptied, which sends nothing. */
  refresh() {
    const stored = this.#stored();
    const isEmptied = this.#storage.getItem(this.#mark) === null;
    for (const entry of this.entries) {
      if (entry.state !== "accepted" && !stored.has(entry.client_id)) {
        if (isEmptied) {
          this.#keep(entry);
        } else {
          this.#entries.delete(entry.client_id);
        }
      }
    }
    for (const [client_id, entry] of stored) {
      if (this.#entries.get(client_id)?.state !== "sending") {
        this.#entries.set(client_id, entry);
      }
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @returns {Map<string, Entry>} */
  #stored() {
    const stored = new Map();
    for (const key of this.#storage.keys()) {
      const text = key.startsWith(this.#prefix) ? this.#storage.getItem(key) : null;
      if (text !== null) {
        const entry = readEntry(key.slice(this.#prefix.length), text);
        if (entry) {
          stored.set(entry.client_id, entry);
        } else {
          this.#storage.removeItem(key);
          this.#storage.setItem(SET_ASIDE + key, text);
        }
      }
    }
    return stored;
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
      this.#keep(entry);
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Entry} entry */
  #keep(entry) {
    const state = entry.state === "sending" ? "waiting" : entry.state;
    this.#storage.setItem(this.#prefix + entry.client_id, JSON.stringify({ ...entry, state }));
    this.#storage.setItem(this.#mark, "yes");
  }

  /** @param {string[]} client_ids */
  #drop(client_ids) {
    for (const client_id of client_ids) {
      this.#entries.delete(client_id);
      this.#storage.removeItem(this.#prefix + client_id);
    }
    if (client_ids.length > 0) {
      this.dispatchEvent(new Event("change"));
    }
  }
}

/** @param {Entry} entry */
function isUnsent({ state }) {
  return state === "waiting" || state === "sending";
}

/**
 * @param {string} client_id by its key
 * @param {string} text as it was stored; by whom, nobody knows
 * @returns {Entry | null} if all but its text is spoilt, a failed one; null: there is no text
 */
function readEntry(client_id, text) {
  const { body, reply_to, order, state, strikes, ...rest } = parsed(text);
  if (typeof body !== "string" || body === "") {
    return null;
  }
  const isNamed = rest.client_id === client_id && CLIENT_ID.test(client_id);
  if (!isNamed || !Number.isFinite(order) || !STATES.has(state)) {
    const why = "It was damaged in your browser's storage.";
    return { client_id, body, order: Number(order) || 0, state: "failed", code: "damaged", why };
  }
  return {
    client_id,
    body,
    order,
    state,
    ...(Number.isSafeInteger(reply_to) && { reply_to }),
    ...(strikes > 0 && { strikes: Number(strikes) }),
    ...(state === "failed" && { code: String(rest.code), why: String(rest.why ?? "") }),
  };
}

/**
 * @param {string} text
 * @returns {Record<string, any>} empty if it is no object
 */
function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
