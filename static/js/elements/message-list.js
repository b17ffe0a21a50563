import { find, make, roomPath, tell } from "../helpers/dom.js";
import { fillMessage, fillPending, readMessage } from "../helpers/message-dom.js";
import { dayLabel, untilMidnight } from "../helpers/time.js";
import { arrange } from "../models/layout.js";
import { View } from "../models/view.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Item } from "../models/layout.js" */
/** @import { Outbox } from "../models/outbox.js" */
/** @import { Timeline, TimelineChange } from "../models/timeline.js" */
/** @import { Unread } from "../models/unread.js" */

/** Nearer to the end than this, the reader is at the end. Pixels. */
const NEAR_END = 100;
/** Nearer to the top than this, older history is fetched. Pixels. */
const NEAR_TOP = 600;
/** What a timeline may hold while nobody reads up there. Messages. */
const LONGEST_TIMELINE = 2_000;
/** How long a message that was jumped to is outlined. Milliseconds. */
const OUTLINE_TIME = 2_000;
const STOPS = ".message-actions, .message-when, .message-quote, .reaction";

/**
 * @typedef {{ seq: number, top: number }} Place A message, and how far below the top it stands.
 * @typedef {"keep" | "end" | number | Place} Goal A number: the message that was asked for.
 */

/**
 * The timeline on the page. Everything that moves the view happens in `#render`, once a frame:
 * whoever is at the end stays at the end, whoever reads stays at the place to the pixel.
 *
 * Tells `history-wanted`, `newer-wanted`, `end-wanted`, `end-changed` (detail: { atEnd, below }), `actions-wanted` (detail:
 * { message, button }), `journey-wanted` (detail: { message, link }), `reaction-set`,
 * `outbox-choice`.
 */
export class MessageList extends HTMLElement {
  /** @type {Timeline} */ #timeline = /** @type {any} */ (null);
  /** @type {Outbox | null} */ #outbox = null;
  /** @type {Unread | null} */ #unread = null;
  /** @type {MemberRef | null} */ #me = null;

  #view = new View();
  /** @type {Map<string, { row: HTMLElement, version: string }>} */
  #rows = new Map();
  #atEnd = true;
  #scheduled = false;
  #loading = false;
  #loadingNewer = false;
  /** @type {Goal} what the next rendering brings into view */
  #goal = "keep";
  /** New messages below that the reader did not see yet. */
  #missed = 0;

  /** Whether the reader is at the end of the room. */
  get atEnd() {
    return this.#atEnd && this.#view.following && !this.#timeline.newer;
  }

  /** @returns {Place | null} where the reader is; at the end, nowhere in particular */
  get place() {
    const anchor = this.atEnd ? null : this.#anchor();
    const seq = Number(anchor?.row.dataset.seq);
    return anchor && seq ? { seq, top: anchor.top - this.getBoundingClientRect().top } : null;
  }

  /** @returns {Message[]} what the server wrote into the page */
  readMessages() {
    return this.#serverRows.map(readMessage);
  }

  /**
   * @param {{
   *   timeline: Timeline, outbox: Outbox | null, unread: Unread | null, me: MemberRef | null,
   * }} models
   */
  show({ timeline, outbox, unread, me }) {
    this.#timeline = timeline;
    this.#outbox = outbox;
    this.#unread = unread;
    this.#me = me;
    this.#adopt();
    this.#goal = "end";
    this.#render();

    timeline.addEventListener("change", (event) => {
      this.#note(/** @type {CustomEvent} */ (event).detail);
    });
    outbox?.addEventListener("change", () => this.refresh());
    this.addEventListener("scroll", () => this.#look(), { passive: true });
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("focusin", (event) => this.#rove(event));
    new ResizeObserver(() => this.#stay()).observe(this);
    this.#relabelAtMidnight();
  }

  /** Draws the present state with the next frame. */
  refresh() {
    if (!this.#scheduled) {
      this.#scheduled = true;
      requestAnimationFrame(() => this.#render());
    }
  }

  toEnd() {
    if (this.#timeline.newer) {
      tell(this, "end-wanted");
      return;
    }
    this.#view.toEnd(this.#timeline.messages);
    this.#goal = "end";
    this.refresh();
  }

  /** @param {Place} place where the reader was before */
  toPlace(place) {
    this.#view.around(this.#timeline.messages, place.seq);
    this.#goal = place;
    this.refresh();
  }

  /** @param {number} seq of a message that the timeline holds */
  toMessage(seq) {
    this.#view.around(this.#timeline.messages, seq);
    this.#goal = seq;
    this.refresh();
  }

  /** Older history was asked for and came, or did not. */
  historyLoaded() {
    this.#loading = false;
    this.refresh();
  }

  newerLoaded() {
    this.#loadingNewer = false;
    this.refresh();
  }

  get #list() {
    return find(this, ".messages", HTMLOListElement);
  }

  get #serverRows() {
    return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll("[data-id]")]);
  }

  /** The rows that the server wrote become ours; its lines between days are drawn anew. */
  #adopt() {
    const messages = this.readMessages();
    this.#serverRows.forEach((row, index) => {
      const { author, client_id } = /** @type {Message} */ (messages[index]);
      this.#rows.set(`${author.id} ${client_id}`, { row, version: "" });
    });
    const ours = new Set(this.#serverRows);
    for (const row of [...this.#list.children]) {
      if (!ours.has(/** @type {HTMLElement} */ (row))) {
        row.remove();
      }
    }
  }

  /** @param {TimelineChange} change */
  #note({ added, beyond, reset, live }) {
    this.#missed += beyond.filter((author) => author !== this.#me?.id).length;
    if (reset) {
      this.#view = new View();
      this.#goal = "end";
    } else if (!live) {
      // What came above or below does not move the reader, and is let go of at the other side.
      this.#view.grew(this.#timeline.messages, this.#loadingNewer);
      this.#atEnd = this.#atEnd && !this.#loadingNewer;
    } else if (live && added.length > 0) {
      if (!this.#atEnd) {
        this.#missed += added.filter(({ author }) => author.id !== this.#me?.id).length;
      } else if (this.#timeline.messages.length > LONGEST_TIMELINE && this.#view.following) {
        this.#timeline.trim(LONGEST_TIMELINE / 2);
      }
      this.#view.grew(this.#timeline.messages, this.#atEnd);
    }
    this.refresh();
  }

  #render() {
    this.#scheduled = false;
    const anchor = this.#anchor();
    this.#place(
      arrange({
        messages: this.#view.slice(this.#timeline.messages),
        pending: this.#view.following && !this.#timeline.newer ? (this.#outbox?.entries ?? []) : [],
        me: this.#me,
        newFrom: this.#unread?.newFrom ?? null,
      }),
    );
    find(this, ".timeline-start", HTMLElement).hidden = this.#timeline.more;
    find(this, ".invite", HTMLElement).hidden = this.#timeline.more || this.#rows.size > 0;
    this.#scroll(anchor);
    this.#look();
  }

  /** @returns {{ row: HTMLElement, top: number } | null} the first row in sight and its place */
  #anchor() {
    const top = this.getBoundingClientRect().top;
    for (const row of this.#list.querySelectorAll("li.message")) {
      const place = row.getBoundingClientRect();
      if (place.bottom > top) {
        return { row: /** @type {HTMLElement} */ (row), top: place.top };
      }
    }
    return null;
  }

  /** @param {{ row: HTMLElement, top: number } | null} anchor */
  #scroll(anchor) {
    const goal = this.#goal;
    this.#goal = "keep";
    if (typeof goal === "number") {
      this.#reveal(goal);
    } else if (typeof goal === "object") {
      this.#return(goal);
    } else if (goal === "end" || this.atEnd) {
      this.scrollTop = this.scrollHeight;
    } else if (anchor?.row.isConnected) {
      this.scrollTop += anchor.row.getBoundingClientRect().top - anchor.top;
    }
  }

  /** @param {Place} place */
  #return({ seq, top }) {
    const row = this.querySelector(`#m${seq}`);
    if (row) {
      this.scrollTop += row.getBoundingClientRect().top - this.getBoundingClientRect().top - top;
    }
  }

  /** @param {number} seq */
  #reveal(seq) {
    const row = this.querySelector(`#m${seq}`);
    if (row instanceof HTMLElement) {
      row.scrollIntoView({ block: "center" });
      row.classList.add("is-revealed");
      row.tabIndex = -1;
      row.focus({ preventScroll: true });
      setTimeout(() => row.classList.remove("is-revealed"), OUTLINE_TIME);
    }
  }

  /**
   * Brings the list to these items with as few moves as possible: a screen reader announces each
   * row that is put in.
   *
   * @param {Item[]} items
   */
  #place(items) {
    const list = this.#list;
    const wanted = new Set(items.map(({ key }) => key));
    for (const [key, { row }] of this.#rows) {
      if (!wanted.has(key)) {
        row.remove();
        this.#rows.delete(key);
      }
    }
    let next = list.firstElementChild;
    for (const item of items) {
      const row = this.#rowFor(item);
      if (row === next) {
        next = row.nextElementSibling;
      } else {
        list.insertBefore(row, next);
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
    const { content } = find(this, "template", HTMLTemplateElement);
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
        return `${item.message.updated_seq} ${source?.updated_seq} ${item.startsGroup}`;
      }
      case "pending":
        return `${item.entry.state} ${item.entry.why} ${item.startsGroup}`;
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
        fillMessage(row, item.message, { me: this.#me, startsGroup, source });
      } else {
        const me = /** @type {MemberRef} */ (this.#me);
        fillPending(row, item.entry, { me, startsGroup, source });
      }
      setActive(row, row.classList.contains("is-active"));
    }
  }

  /** Where the reader is, and what that asks for. */
  #look() {
    const toEnd = this.scrollHeight - this.scrollTop - this.clientHeight;
    this.#atEnd = toEnd <= NEAR_END;
    if (this.#atEnd && !this.#view.following) {
      this.#view.extendDown(this.#timeline.messages);
      this.#atEnd = false;
      this.refresh();
    } else if (this.atEnd) {
      this.#missed = 0;
    }
    if (this.#timeline.newer && this.#view.following && toEnd < NEAR_TOP && !this.#loadingNewer) {
      this.#loadingNewer = true;
      this.#quietly();
      tell(this, "newer-wanted");
    }
    tell(this, "end-changed", { atEnd: this.atEnd, below: this.#missed });
    if (this.scrollTop < NEAR_TOP) {
      this.#growUpwards();
    }
  }

  #growUpwards() {
    if (this.#view.extendUp(this.#timeline.messages)) {
      this.#quietly();
      this.refresh();
    } else if (this.#timeline.more && !this.#loading && this.#timeline.messages.length > 0) {
      this.#loading = true;
      this.#quietly();
      tell(this, "history-wanted");
    }
  }

  /** What is put in above is not news: a screen reader should not read it out. */
  #quietly() {
    this.ariaLive = "off";
    setTimeout(() => {
      this.ariaLive = "polite";
    }, 1_000);
  }

  /** The list became higher or lower: the end stays the end. */
  #stay() {
    if (this.atEnd) {
      this.scrollTop = this.scrollHeight;
    }
  }

  #relabelAtMidnight() {
    setTimeout(() => {
      this.refresh();
      this.#relabelAtMidnight();
    }, untilMidnight() + 1_000);
  }

  // Actions

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const button = target.closest("button");
    const link = target.closest("a");
    if (button?.classList.contains("message-actions")) {
      this.#offerActions(button);
    } else if (button?.classList.contains("reaction")) {
      const on = button.ariaPressed !== "true";
      const message = this.#messageOf(button);
      tell(this, "reaction-set", { message, emoji: button.dataset.emoji, on });
    } else if (button?.dataset.choice) {
      const { choice, clientId } = button.dataset;
      tell(this, "outbox-choice", { choice, clientId });
    } else if (link?.classList.contains("message-when") && this.#me && !modified(event)) {
      event.preventDefault();
      tell(this, "journey-wanted", { message: this.#messageOf(link), link });
    } else if (link && !modified(event)) {
      const seq = this.#seqOf(link);
      if (seq) {
        event.preventDefault();
        tell(this, "message-wanted", { seq });
      }
    }
  }

  /**
   * @param {HTMLAnchorElement} link
   * @returns {number} the number of the message of this room that it leads to, or 0
   */
  #seqOf({ origin, pathname, hash }) {
    const room = roomPath();
    if (origin !== location.origin || !pathname.startsWith(room)) {
      return 0;
    }
    return Number(
      /^#m(\d+)$/.exec(hash)?.[1] ?? /^(\d+)\/$/.exec(pathname.slice(room.length))?.[1] ?? 0,
    );
  }

  /** @param {HTMLElement} button */
  #offerActions(button) {
    tell(this, "actions-wanted", { message: this.#messageOf(button), button });
  }

  /** @param {Element} element */
  #messageOf(element) {
    const row = /** @type {HTMLElement} */ (element.closest("li.message"));
    return this.#timeline.at(Number(row.dataset.seq));
  }

  // Arrow keys walk through the messages; Tab goes through the buttons of the one that is reached.

  /** @param {KeyboardEvent} event */
  #key(event) {
    const row = /** @type {Element} */ (event.target).closest("li.message");
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.target instanceof HTMLInputElement) {
      return;
    }
    const rows = /** @type {HTMLElement[]} */ ([...this.querySelectorAll("li.message")]);
    const at = row ? rows.indexOf(/** @type {HTMLElement} */ (row)) : rows.length;
    /** @type {Record<string, number>} */
    const steps = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 };
    const step = steps[event.key];
    if (step !== undefined) {
      const next = rows[step];
      if (next) {
        event.preventDefault();
        next.tabIndex = -1;
        next.focus();
      }
    } else if (event.key === "Enter" && event.target === row) {
      const button = find(/** @type {Element} */ (row), ".message-actions", HTMLButtonElement);
      if (!button.hidden) {
        event.preventDefault();
        this.#offerActions(button);
      }
    }
  }

  /** @param {FocusEvent} event */
  #rove(event) {
    const row = /** @type {Element} */ (event.target).closest("li.message");
    for (const old of this.querySelectorAll("li.message.is-active")) {
      if (old !== row) {
        setActive(old, false);
      }
    }
    if (row) {
      setActive(row, true);
    }
  }
}

/**
 * Only the buttons of the active message are stops on the way of the Tab key.
 *
 * @param {Element} row
 * @param {boolean} active
 */
function setActive(row, active) {
  row.classList.toggle("is-active", active);
  for (const stop of row.querySelectorAll(STOPS)) {
    /** @type {HTMLElement} */ (stop).tabIndex = active ? 0 : -1;
  }
}

/** @param {MouseEvent} event */
function modified({ ctrlKey, metaKey, shiftKey }) {
  return ctrlKey || metaKey || shiftKey;
}
