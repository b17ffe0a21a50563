/**
 * @typedef {{
 *   keys: () => string[], getItem: (key: string) => string | null,
 *   setItem: (key: string, value: string) => void, removeItem: (key: string) => void,
 * }} KeyValueStorage
 *
 * @typedef {"waiting" | "sending" | "accepted" | "failed"} State
 * @typedef {{
 *   order: number, state: State, code?: string, why?: string, strikes?: number, isSlow?: boolean,
 * }} Queued What every entry has. `strikes`: what went wrong with it so far; `isSlow`: it has been
 *   on its way for so long that its author may want it back.
 */

/** @type {ReadonlySet<string>} */
export const STATES = new Set(["waiting", "sending", "accepted", "failed"]);
/** Where an entry goes that nobody can read: it stays in the browser, and out of the way. */
const SET_ASIDE = "set-aside:";

/**
 * What one member wants of one room and the server has not got yet, first in first out. Kept in the
 * browser's storage, one key an entry, so that two tabs never overwrite each other's. Dispatches
 * `change`.
 *
 * @template {Queued} T
 */
export class StoredQueue extends EventTarget {
  #storage;
  #prefix;
  /** A key that is there as long as nobody has emptied the storage. */
  #mark;
  #idOf;
  #read;
  /** @type {Map<string, T>} */
  #entries = new Map();

  /**
   * @param {{
   *   storage: KeyValueStorage, name: string, owner: string, idOf: (entry: T) => string,
   *   read: (id: string, text: string) => T | null,
   * }} parts `name`: of this kind of queue in the storage; `owner`: member and room; `read`: an entry
   *   as it was stored, or null if there is nothing to read
   */
  constructor({ storage, name, owner, idOf, read }) {
    super();
    this.#storage = storage;
    this.#prefix = `${name}:${owner}:`;
    this.#mark = `${name}-mark:${owner}`;
    this.#idOf = idOf;
    this.#read = read;
    this.refresh();
  }

  /** @returns {T[]} in the order in which they were written */
  get entries() {
    return [...this.#entries.values()].sort((one, other) => one.order - other.order);
  }

  /** @returns {T | undefined} the next one to send: a failed one holds nobody up */
  get next() {
    return this.entries.find(isUnsent);
  }

  get isEmpty() {
    return this.#entries.size === 0;
  }

  /** @param {T} entry */
  idOf(entry) {
    return this.#idOf(entry);
  }

  /**
   * @param {string} id
   * @returns {boolean} whether it is still to be sent
   */
  holds(id) {
    return this.#entries.has(id);
  }

  /**
   * @param {string} id
   * @returns {T | undefined}
   */
  get(id) {
    return this.#entries.get(id);
  }

  /**
   * @param {number} now milliseconds
   * @returns {number} the place of a new entry: behind all others, whatever the clock says
   */
  nextOrder(now) {
    const last = Math.max(0, ...[...this.#entries.values()].map(({ order }) => order));
    return Math.max(now, last + 1);
  }

  /** @param {T} entry new, or in a new state */
  store(entry) {
    this.#entries.set(this.#idOf(entry), entry);
    if (entry.state !== "sending" && entry.state !== "accepted") {
      this.#keep(entry);
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} id */
  sending(id) {
    this.change(id, { state: "sending" });
  }

  /**
   * Those who wrote these may want them back by now.
   *
   * @param {number} before milliseconds: when they were written
   */
  markSlow(before) {
    for (const entry of this.entries) {
      if (entry.order <= before && isUnsent(entry) && !entry.isSlow) {
        this.change(this.#idOf(entry), { isSlow: true });
      }
    }
  }

  /**
   * @param {string} id its delivery is tried again later
   * @param {number} strikes 0: as if it were new
   */
  waiting(id, strikes = 0) {
    this.change(id, { state: "waiting", code: undefined, why: undefined, strikes });
  }

  /**
   * The server has it for ever. It stays here, no longer in storage, until the timeline shows it.
   *
   * @param {string} id
   * @param {object} receipt
   */
  accepted(id, receipt) {
    this.change(id, { state: "accepted", ...receipt });
    this.#storage.removeItem(this.#prefix + id);
  }

  /**
   * @param {string} id
   * @param {{ code: string, why: string }} refusal
   */
  failed(id, { code, why }) {
    this.change(id, { state: "failed", code, why, strikes: undefined });
  }

  /**
   * @param {string} id
   * @returns {T | undefined} what was taken out
   */
  take(id) {
    const entry = this.#entries.get(id);
    this.drop([id]);
    return entry;
  }

  /**
   * Another tab stored or removed a key. What it removed is sent or taken back; this tab may have
   * stored it once more before it heard of that.
   *
   * @param {{ key: string | null, newValue: string | null }} change as a storage event tells it
   */
  changedElsewhere({ key, newValue }) {
    if (key?.startsWith(this.#prefix) && newValue === null) {
      const id = key.slice(this.#prefix.length);
      if (this.#entries.get(id)?.state !== "accepted") {
        this.drop([id]);
      }
    }
    this.refresh();
  }

  /** Another tab may have added or sent something; or all storage was emptied, which sends nothing. */
  refresh() {
    const stored = this.#stored();
    const isEmptied = this.#storage.getItem(this.#mark) === null;
    for (const entry of this.entries) {
      if (entry.state !== "accepted" && !stored.has(this.#idOf(entry))) {
        if (isEmptied) {
          this.#keep(entry);
        } else {
          this.#entries.delete(this.#idOf(entry));
        }
      }
    }
    for (const [id, entry] of stored) {
      if (this.#entries.get(id)?.state !== "sending") {
        this.#entries.set(id, entry);
      }
    }
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {string} id
   * @param {object} difference
   */
  change(id, difference) {
    const entry = this.#entries.get(id);
    if (entry) {
      this.store({ ...entry, ...difference });
    }
  }

  /** @param {string[]} ids */
  drop(ids) {
    for (const id of ids) {
      this.#entries.delete(id);
      this.#storage.removeItem(this.#prefix + id);
    }
    if (ids.length > 0) {
      this.dispatchEvent(new Event("change"));
    }
  }

  /** @returns {Map<string, T>} */
  #stored() {
    const stored = new Map();
    for (const key of this.#storage.keys()) {
      const text = key.startsWith(this.#prefix) ? this.#storage.getItem(key) : null;
      if (text !== null) {
        const entry = this.#read(key.slice(this.#prefix.length), text);
        if (entry) {
          stored.set(this.#idOf(entry), entry);
        } else {
          this.#storage.removeItem(key);
          this.#storage.setItem(SET_ASIDE + key, text);
        }
      }
    }
    return stored;
  }

  /** @param {T} entry */
  #keep(entry) {
    const state = entry.state === "sending" ? "waiting" : entry.state;
    this.#storage.setItem(this.#prefix + this.#idOf(entry), JSON.stringify({ ...entry, state }));
    this.#storage.setItem(this.#mark, "yes");
  }
}

/** @param {Queued} entry */
export function isUnsent({ state }) {
  return state === "waiting" || state === "sending";
}

/**
 * @param {string} text
 * @returns {Record<string, any>} empty if it is no object
 */
export function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * @param {KeyValueStorage} storage
 * @param {string} name of a kind of queue
 * @param {number} me
 * @returns {string[]} the rooms in which this member has such a queue that is not empty
 */
export function roomsWithQueue(storage, name, me) {
  const prefix = `${name}:${me}:`;
  const keys = storage.keys().filter((key) => key.startsWith(prefix));
  return [...new Set(keys.map((key) => key.slice(prefix.length).split(":")[0] ?? ""))];
}
