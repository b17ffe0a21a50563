/** @import { Shelf } from "../models/outbox.js" */

/** A storage that forgets when the page is left. */
class Memory {
  /** @type {Map<string, string>} */
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  /** @param {number} index */
  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  /** @param {string} key */
  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  setItem(key, value) {
    this.#items.set(key, value);
  }

  /** @param {string} key */
  removeItem(key) {
    this.#items.delete(key);
  }
}

/** @returns {Shelf} localStorage; or, where the browser forbids or lacks it, memory */
export function openShelf() {
  try {
    localStorage.setItem("shelf", "open");
    localStorage.removeItem("shelf");
    return localStorage;
  } catch {
    return new Memory();
  }
}
