import { arrange } from "../models/message-grouping.js";
import { find, make } from "./dom.js";
import { fillMessage, fillPending, readMessage } from "./message-dom.js";
import { setActive } from "./roving.js";
import { dayLabel } from "./time.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Item } from "../models/message-grouping.js" */
/** @import { Entry } from "../models/outbox.js" */
/** @import { Timeline } from "../models/timeline.js" */

/**
 * The lines of the timeline as elements. A row is made once and kept as long as its item is shown;
 * it is filled again only when something in it changed.
 */
export class MessageRows {
  #list;
  #template;
  #timeline;
  #me;
  #canAct;
  /** @type {Map<string, { row: HTMLElement, version: string }>} */
  #rows = new Map();

  /**
   * @param {{
   *   list: HTMLElement, template: HTMLTemplateElement, timeline: Timeline, me: MemberRef | null,
   *   canAct: (message: Message) => boolean,
   * }} parts
   */
  constructor({ list, template, timeline, me, canAct }) {
    this.#list = list;
    this.#template = template;
    this.#timeline = timeline;
    this.#me = me;
    this.#canAct = canAct;
    this.#adopt();
  }

  get isEmpty() {
    return this.#rows.size === 0;
  }

  /** Another room is shown from now on. */
  clear() {
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  /**
   * Brings the list to this content with as few moves as possible: a screen reader announces each
   * row that is put in.
   *
   * @param {{ messages: readonly Message[], pending: readonly Entry[], newFrom: number | null }} content
   */
  show(content) {
    const items = arrange({ ...content, me: this.#me });
    const wanted = new Set(items.map(({ key }) => key));
    for (const [key, { row }] of this.#rows) {
      if (!wanted.has(key)) {
        row.remove();
        this.#rows.delete(key);
      }
    }
    let next = this.#list.firstElementChild;
    for (const item of items) {
      const row = this.#rowFor(item);
      if (row === next) {
        next = row.nextElementSibling;
      } else {
        this.#list.insertBefore(row, next);
      }
    }
  }

  /** The rows that the server wrote become ours; its lines between days are drawn anew. */
  #adopt() {
    const written = serverRows(this.#list);
    for (const row of written) {
      const { author, client_id } = readMessage(row);
      this.#rows.set(`${author.id} ${client_id}`, { row, version: "" });
    }
    const ours = new Set(written);
    for (const row of [...this.#list.children]) {
      if (!ours.has(/** @type {HTMLElement} */ (row))) {
        row.remove();
      }
    }
  }

  /**
   * @param {Item} item
   * @returns {HTMLElement}
   */
  #rowFor(item) {
    const held = this.#rows.get(item.key) ?? { row: this.#newRow(item), version: "" };
    this.#rows.set(item.key, held);
    const version = this.#versionOf(item);
    if (held.version !== version) {
      held.version = version;
      this.#fill(held.row, item);
    }
    return held.row;
  }

  /**
   * @param {Item} item
   * @returns {HTMLElement}
   */
  #newRow({ kind }) {
    if (kind === "day" || kind === "new") {
      return make("li", { className: kind }, make("span"));
    }
    const { content } = this.#template;
    return /** @type {HTMLElement} */ (find(content, "li", HTMLElement).cloneNode(true));
  }

  /** @param {Item} item */
  #versionOf(item) {
    switch (item.kind) {
      case "day":
        return dayLabel(item.date);
      case "new":
        return "new";
      case "message": {
        const source = this.#timeline.at(item.message.reply_to ?? -1);
        const canAct = this.#canAct(item.message);
        return `${item.message.updated_seq} ${source?.updated_seq} ${item.startsGroup} ${canAct}`;
      }
      case "pending":
        return `${item.entry.state} ${item.entry.why} ${item.entry.isSlow} ${item.startsGroup}`;
    }
  }

  /**
   * @param {HTMLElement} row
   * @param {Item} item
   */
  #fill(row, item) {
    if (item.kind === "day") {
      find(row, "span", HTMLElement).textContent = dayLabel(item.date);
    } else if (item.kind === "new") {
      find(row, "span", HTMLElement).textContent = "New";
    } else {
      const said = item.kind === "message" ? item.message : item.entry;
      const source = this.#timeline.at(said.reply_to ?? -1);
      const { startsGroup } = item;
      if (item.kind === "message") {
        const canAct = this.#canAct(item.message);
        fillMessage(row, item.message, { me: this.#me, startsGroup, source, canAct });
      } else {
        const me = /** @type {MemberRef} */ (this.#me);
        fillPending(row, item.entry, { me, startsGroup, source });
      }
      setActive(row, row.classList.contains("is-active"));
    }
  }
}

/**
 * @param {ParentNode} list
 * @returns {HTMLElement[]} those that the server wrote
 */
export function serverRows(list) {
  return [...list.querySelectorAll("[data-id]")].map((row) => /** @type {HTMLElement} */ (row));
}
