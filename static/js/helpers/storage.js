/** @import { KeyValueStorage } from "../models/stored-queue.js" */

/** Whether what is written outlives the tab: it does not where storage is full or forbidden. */
/** @typedef {"full" | "forbidden"} Trouble */

/** Where a value that storage could not take, or would not forget, has its place. */
const GONE = Symbol("gone");

/**
 * A browser's storage, or as much of it as there is: what it does not take is kept in memory.
 * Nothing here throws. Dispatches `trouble` (detail: Trouble) the first time something is kept in
 * memory only.
 *
 * @implements {KeyValueStorage}
 */
export class BrowserStorage extends EventTarget {
  #storage;
  /** @type {Map<string, string | typeof GONE>} what differs from the storage */
  #memory = new Map();
  #told = false;

  /** @param {() => Storage | null} open may throw: some browsers forbid it */
  constructor(open) {
    super();
    this.#storage = attempt(open) ?? null;
  }

  /** @returns {string[]} */
  keys() {
    const stored = attempt(() => Object.keys(this.#storage ?? {})) ?? [];
    const all = new Set([...stored, ...this.#memory.keys()]);
    return [...all].filter((key) => this.#memory.get(key) !== GONE);
  }

  /**
   * @param {string} key
   * @returns {string | null}
   */
  getItem(key) {
    const held = this.#memory.get(key);
    if (held !== undefined) {
      return held === GONE ? null : held;
    }
    return attempt(() => this.#storage?.getItem(key)) ?? null;
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  setItem(key, value) {
    const stored = attempt(() => {
      this.#storage?.setItem(key, value);
      return this.#storage !== null;
    });
    if (stored) {
      this.#memory.delete(key);
    } else {
      this.#memory.set(key, value);
      this.#tellOnce();
    }
  }

  /** @param {string} key */
  removeItem(key) {
    this.#memory.delete(key);
    const removed = attempt(() => {
      this.#storage?.removeItem(key);
      return true;
    });
    if (!removed) {
      this.#memory.set(key, GONE);
    }
  }

  /**
   * Another tab changed this: what it stored is newer than what is held here.
   *
   * @param {string | null} key null: everything was emptied, and what is held here is all there is
   */
  storedElsewhere(key) {
    if (key !== null) {
      this.#memory.delete(key);
    }
  }

  #tellOnce() {
    if (!this.#told) {
      this.#told = true;
      const detail = this.#storage === null ? "forbidden" : "full";
      this.dispatchEvent(new CustomEvent("trouble", { detail }));
    }
  }
}

/**
 * @template T
 * @param {() => T} action
 * @returns {T | undefined} undefined if it threw
 */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Kept for the browser, in all its tabs. */
export function openStorage() {
  return new BrowserStorage(() => localStorage);
}

/** Kept for this tab, also when it is loaded anew. */
export function openTabStorage() {
  return new BrowserStorage(() => sessionStorage);
}
