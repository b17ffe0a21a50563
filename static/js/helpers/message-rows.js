import { arrange, keyOf } from "../models/message-grouping.js";
import { find, placeInOrder } from "./dom.js";
import { gettext, ngettext } from "./i18n.js";
import { readMessage } from "./message-dom.js";
import { fillRow, saidBy } from "./message-filler.js";
import { noteOfChange, noteOfEntry } from "./message-notes.js";
import { setActive } from "./roving.js";
import { dayLabel } from "./time.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { DeletionsItem, Item, MessageItem, PendingItem } from "../models/message-grouping.js" */
/** @import { ChangeQueue } from "../models/change-queue.js" */
/** @import { KnownNames } from "../models/known-names.js" */
/** @import { Entry } from "../models/outbox.js" */
/** @import { Timeline } from "../models/timeline.js" */

/** @typedef {{ key: string, editor: HTMLElement }} Editing what stands in place of a row's text */

/**
 * The lines of the timeline as elements. A row is made once and kept as long as its item is shown;
 * it is filled again only when something in it changed.
 */
export class MessageRows {
  #list;
  #template;
  #timeline;
  #me;
  #names;
  #changes;
  #canAct;
  #canExpand;
  /** @type {Map<string, { row: HTMLElement, version: string }>} */
  #rows = new Map();
  /** Deleted messages whose run was asked for, by their number. */
  /** @type {Set<number>} */
  #expanded = new Set();
  /** @type {Editing | null} */
  #editing = null;

  /**
   * @param {{
   *   list: HTMLElement, template: HTMLTemplateElement, timeline: Timeline, me: MemberRef | null,
   *   names: KnownNames, changes: ChangeQueue | null, canAct: (message: Message) => boolean,
   *   canExpand: () => boolean,
   * }} parts `canExpand`: whether the rows of deleted messages have anything to offer
   */
  constructor({ list, template, timeline, me, names, changes, canAct, canExpand }) {
    this.#list = list;
    this.#template = template;
    this.#timeline = timeline;
    this.#me = me;
    this.#names = names;
    this.#changes = changes;
    this.#canAct = canAct;
    this.#canExpand = canExpand;
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

  /** @param {Message} message as the server has it, or as it will be when what waits is done */
  shown(message) {
    return this.#changes?.applied(message) ?? message;
  }

  /** @param {number[]} seqs of a run of deleted messages: row by row from now on, or one line again */
  toggleRun(seqs) {
    const wasExpanded = seqs.filter((seq) => this.#expanded.delete(seq)).length > 0;
    const [first] = seqs;
    if (!wasExpanded && first !== undefined) {
      this.#expanded.add(first);
    }
  }

  /** @param {number} seq of a message that is to be seen */
  reveal(seq) {
    if (this.#timeline.at(seq)?.deleted) {
      this.#expanded.add(seq);
    }
  }

  /** @param {Editing | null} editing from now on, for as long as its row is shown */
  edit(editing) {
    const before = this.#editing?.key;
    this.#editing = editing;
    for (const key of [before, editing?.key]) {
      const held = this.#rows.get(key ?? "");
      if (held) {
        this.#place(held.row, key ?? "");
      }
    }
  }

  /**
   * Brings the list to this content with as few moves as possible: a screen reader announces each
   * row that is put in.
   *
   * @param {{ messages: readonly Message[], pending: readonly Entry[], newFrom: number | null }} content
   */
  show({ messages, pending, newFrom }) {
    const items = arrange({
      messages: messages.map((message) => this.shown(message)),
      pending,
      newFrom,
      me: this.#me,
      collapses: (message) => this.#collapses(message),
      isExpanded: (seq) => this.#expanded.has(seq),
    });
    const wanted = new Set(items.map(({ key }) => key));
    for (const [key, { row }] of this.#rows) {
      if (!wanted.has(key)) {
        row.remove();
        this.#rows.delete(key);
      }
    }
    placeInOrder(
      this.#list,
      items.map((item) => this.#rowFor(item)),
    );
  }

  /** @param {Message} message @returns {boolean} whether nothing but its end is to be said of it */
  #collapses({ seq, author, client_id }) {
    const isEdited = this.#editing?.key === keyOf(author.id, client_id);
    return !isEdited && (this.#changes?.of(seq) ?? []).length === 0;
  }

  /** The rows that the server wrote become ours; its lines between days are drawn anew. */
  #adopt() {
    const written = serverRows(this.#list);
    for (const row of written) {
      const { author, client_id } = readMessage(row);
      this.#rows.set(keyOf(author.id, client_id), { row, version: "" });
    }
    const ours = new Set(written);
    for (const row of [...this.#list.children]) {
      if (!ours.has(/** @type {HTMLElement} */ (row))) {
        row.remove();
      }
    }
  }

  /** @param {Item} item @returns {HTMLElement} */
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

  /** @param {Item} item @returns {HTMLElement} */
  #newRow({ kind }) {
    const line = kind === "pending" ? "message" : kind;
    const row = document.importNode(find(this.#template.content, `li.${line}`, HTMLElement), true);
    row.querySelector(".reactions")?.replaceChildren();
    return row;
  }

  /** @param {Item} item */
  #versionOf(item) {
    switch (item.kind) {
      case "day":
        return dayLabel(item.date);
      case "new":
        return "new";
      case "deletions":
        return `${item.messages.length} ${item.isExpanded} ${this.#canExpand()}`;
      case "message":
        return this.#versionOfMessage(item);
      case "pending":
        return `${item.entry.state} ${item.entry.why} ${item.entry.isSlow} ${item.startsGroup}`;
    }
  }

  /** @param {MessageItem} item */
  #versionOfMessage({ message, startsGroup }) {
    const { seq, updated_seq, author, body, reactions } = message;
    const source = this.#timeline.at(message.reply_to ?? -1);
    const changes = (this.#changes?.of(seq) ?? []).map(({ id, state, why }) => id + state + why);
    // Whose names stand in it: all others keep it as it is.
    const names = body.includes("@") || reactions ? this.#names.version : this.#names.of(author);
    const sourceName = source && this.#names.of(source.author);
    const canAct = this.#canAct(message);
    return [
      updated_seq,
      source?.updated_seq,
      sourceName,
      startsGroup,
      canAct,
      names,
      changes,
    ].join();
  }

  /**
   * @param {HTMLElement} row
   * @param {Item} item
   */
  #fill(row, item) {
    switch (item.kind) {
      case "day":
        find(row, "span", HTMLElement).textContent = dayLabel(item.date);
        break;
      case "new":
        break;
      case "deletions":
        this.#fillDeletions(row, item);
        break;
      default:
        // The server hides what stands in a run of deleted messages.
        row.hidden = false;
        this.#fillMessage(row, item);
        this.#place(row, item.key);
        setActive(row, row.classList.contains("is-active"));
    }
  }

  /**
   * @param {HTMLElement} row
   * @param {DeletionsItem} item
   */
  #fillDeletions(row, { messages, isExpanded }) {
    const { length } = messages;
    find(row, ".deletions-text", HTMLElement).textContent = ngettext(
      "{count} message deleted",
      "{count} messages deleted",
      length,
    );
    const button = find(row, "button", HTMLButtonElement);
    button.hidden = !this.#canExpand();
    button.textContent = isExpanded ? gettext("Hide") : gettext("Show");
    button.ariaExpanded = String(isExpanded);
    button.value = messages.map(({ seq }) => seq).join(" ");
  }

  /**
   * @param {HTMLElement} row
   * @param {MessageItem | PendingItem} item
   */
  #fillMessage(row, item) {
    const me = this.#me;
    const isPending = item.kind === "pending";
    const said = isPending ? saidBy(item.entry, /** @type {MemberRef} */ (me)) : item.message;
    const notes = isPending
      ? [noteOfEntry(item.entry)]
      : (this.#changes?.of(item.message.seq) ?? []).map(noteOfChange);
    fillRow(row, said, {
      me,
      isPending,
      names: this.#names,
      startsGroup: item.startsGroup,
      source: this.#timeline.at(said.reply_to ?? -1),
      canAct: !isPending && this.#canAct(item.message),
      notes: notes.filter((note) => note !== null),
      reaction: find(this.#template.content, "li.reaction-item", HTMLElement),
    });
  }

  /**
   * The editor where it belongs, and nowhere else.
   *
   * @param {HTMLElement} row
   * @param {string} key
   */
  #place(row, key) {
    const isEdited = this.#editing?.key === key;
    row.classList.toggle("is-editing", isEdited);
    const editor = row.querySelector(".message-editor");
    if (isEdited && editor === null) {
      find(row, ".message-body", HTMLElement).after(/** @type {any} */ (this.#editing).editor);
    } else if (!isEdited) {
      editor?.remove();
    }
  }
}

/** @param {ParentNode} list @returns {HTMLElement[]} those that the server wrote */
export function serverRows(list) {
  return [...list.querySelectorAll("[data-id]")].map((row) => /** @type {HTMLElement} */ (row));
}
