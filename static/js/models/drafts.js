/** @import { KeyValueStorage } from "./stored-queue.js" */

/**
 * @typedef {{
 *   claim: (name: string) => Promise<boolean>, open: () => Promise<Set<string>>,
 * }} Tabs of this browser: a name becomes this tab's, or is another's; and which names there are
 * @typedef {{ seq: number, client_id: string, text: string }} Edit what was made of a message, and not
 *   yet sent. `seq`: 0 for one that waits to be sent itself
 */

/** Where a tab keeps its name. */
const TAB = "tab";

/**
 * What this tab has begun to write in one room. Each tab has a draft of its own, so that none
 * overwrites another's; that of a tab which was closed goes to the next one that has none.
 */
export class Drafts {
  #storage;
  #tabStorage;
  #tabs;
  #newId;
  #prefix;
  #editKey;
  #tab;

  /**
   * @param {{
   *   storage: KeyValueStorage, tabStorage: KeyValueStorage, owner: string, tabs: Tabs, newId: () => string,
   * }} parts `storage`: of all tabs; `tabStorage`: of this one; `owner`: member and room
   */
  constructor({ storage, tabStorage, owner, tabs, newId }) {
    this.#storage = storage;
    this.#tabStorage = tabStorage;
    this.#tabs = tabs;
    this.#newId = newId;
    this.#prefix = `draft:${owner}`;
    this.#editKey = `edit:${owner}`;
    this.#tab = tabStorage.getItem(TAB) ?? this.#takeName();
  }

  get text() {
    return this.#storage.getItem(this.#key) ?? "";
  }

  /** @param {string} text empty: there is none any more */
  keep(text) {
    if (text === "") {
      this.#storage.removeItem(this.#key);
    } else {
      this.#storage.setItem(this.#key, text);
    }
  }

  /** @returns {Edit | null} */
  get edit() {
    try {
      const stored = JSON.parse(this.#tabStorage.getItem(this.#editKey) ?? "{}");
      const { seq, text, client_id = "" } = stored;
      const isEdit = Number.isSafeInteger(seq) && typeof text === "string";
      return isEdit ? { seq, client_id: String(client_id), text } : null;
    } catch {
      return null;
    }
  }

  /** @param {Edit | null} edit */
  keepEdit(edit) {
    if (edit === null) {
      this.#tabStorage.removeItem(this.#editKey);
    } else {
      this.#tabStorage.setItem(this.#editKey, JSON.stringify(edit));
    }
  }

  /**
   * A browser that copies a tab copies its name too: then this one takes another. A draft that
   * belongs to no tab becomes this one's, if it has none.
   */
  async reconcile() {
    while (!(await this.#tabs.claim(this.#tab))) {
      // Another room of this tab may have noticed it before.
      const name = this.#tabStorage.getItem(TAB);
      this.#tab = name !== null && name !== this.#tab ? name : this.#takeName();
    }
    if (this.text === "") {
      this.#adopt(await this.#tabs.open());
    }
  }

  /** @param {Set<string>} here the tabs that there are */
  #adopt(here) {
    for (const key of this.#storage.keys()) {
      const tab = this.#tabOf(key);
      const text = this.#storage.getItem(key);
      if (tab !== null && !here.has(tab) && text) {
        this.#storage.removeItem(key);
        this.keep(text);
        return;
      }
    }
  }

  /**
   * @param {string} key
   * @returns {string | null} whose draft of this room it holds; "": of a time when all tabs had one
   */
  #tabOf(key) {
    if (key === this.#prefix) {
      return "";
    }
    return key.startsWith(`${this.#prefix}:`) ? key.slice(this.#prefix.length + 1) : null;
  }

  #takeName() {
    const name = this.#newId();
    this.#tabStorage.setItem(TAB, name);
    return name;
  }

  get #key() {
    return `${this.#prefix}:${this.#tab}`;
  }
}
