import { emit, fillAvatar, find, icon, isolated, make, placeInOrder } from "../helpers/dom.js";
import { gettext, interpolate, interpolateNodes } from "../helpers/i18n.js";
import { fullTime, shortMoment } from "../helpers/time.js";

/** @import { InboxEntry } from "../protocol.js" */

/**
 * @typedef {{ entry: InboxEntry, room: string, isGroup?: boolean, isUnread: boolean }} InboxRow `room`: what
 *   it is called; `isGroup`: whether others are in a conversation too
 */

/** How far an arrow key leads. */
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * The entries of the inbox, each a link to its message. Emits `inbox-opened` and `inbox-read` (detail: the
 * entry), `inbox-all-read` and `more-inbox-wanted`.
 */
export class InboxList extends HTMLElement {
  /** @type {Map<string, { item: HTMLElement, drawn: string, entry: InboxEntry }>} */
  #rows = new Map();

  connectedCallback() {
    this.addEventListener("click", (event) => this.#press(event));
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {{ rows: InboxRow[], more: boolean, isLoaded: boolean }} content the newest first; `isLoaded`:
   *   whether that is all there is to know
   */
  show({ rows, more, isLoaded }) {
    find(this, ".inbox-none", HTMLElement).hidden = rows.length > 0 || !isLoaded;
    find(this, ".inbox-more", HTMLElement).hidden = !more;
    find(this, ".inbox-all-read", HTMLElement).hidden = !rows.some(({ isUnread }) => isUnread);
    const list = find(this, ".inbox-items", HTMLElement);
    const wanted = new Set(rows.map(({ entry }) => keyOf(entry)));
    for (const [key, { item }] of [...this.#rows]) {
      if (!wanted.has(key)) {
        this.#letGo(item);
        this.#rows.delete(key);
      }
    }
    placeInOrder(
      list,
      rows.map((row) => this.#itemOf(row)),
    );
  }

  /**
   * @param {InboxRow} row
   * @returns {HTMLElement} made anew only where something has changed
   */
  #itemOf(row) {
    const key = keyOf(row.entry);
    const known = this.#rows.get(key);
    const item = known?.item ?? make("li", { className: "inbox-item" });
    const drawn = JSON.stringify(row);
    if (known?.drawn !== drawn) {
      item.dataset.key = key;
      fill(item, row);
    }
    this.#rows.set(key, { item, drawn, entry: row.entry });
    return item;
  }

  /** @param {HTMLElement} item whose message is gone, perhaps while I was at it */
  #letGo(item) {
    const hadFocus = item.contains(document.activeElement);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    if (hadFocus) {
      (next?.querySelector("a") ?? this).focus();
    }
  }

  /** @param {MouseEvent} event */
  #press(event) {
    const target = /** @type {Element} */ (event.target);
    const item = /** @type {HTMLElement | null} */ (target.closest(".inbox-item"));
    const entry = this.#rows.get(item?.dataset.key ?? "")?.entry;
    if (target.closest(".inbox-all-read")) {
      emit(this, "inbox-all-read");
      // The button goes: what was read is still there.
      this.focus();
    } else if (target.closest(".inbox-more")) {
      emit(this, "more-inbox-wanted");
    } else if (entry && target.closest(".inbox-read")) {
      item?.querySelector("a")?.focus();
      emit(this, "inbox-read", entry);
    } else if (
      entry &&
      target.closest("a") &&
      !(event.ctrlKey || event.metaKey || event.shiftKey)
    ) {
      emit(this, "inbox-opened", entry);
    }
  }

  /** @param {KeyboardEvent} event arrows go from entry to entry */
  #key(event) {
    const links = [...this.querySelectorAll("a")];
    const item = document.activeElement?.closest(".inbox-item");
    const at = links.findIndex((link) => item?.contains(link));
    const step = STEPS[event.key];
    if (step !== undefined && links.length > 0) {
      event.preventDefault();
      const next = Math.min(Math.max(at + step, 0), links.length - 1);
      links[at === -1 ? 0 : next]?.focus();
    }
  }
}

/** @param {InboxEntry} entry @returns {string} of a direct conversation there is one at most */
function keyOf({ number, room }) {
  return number === 0 ? `direct ${room}` : String(number);
}

/**
 * @param {HTMLElement} item
 * @param {InboxRow} row
 */
function fill(item, { entry, room, isGroup = false, isUnread }) {
  const { author, text, at } = entry;
  const hadFocus = item.contains(document.activeElement);
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  fillAvatar(avatar, author);
  const time = make("time", { dateTime: at, title: fullTime(new Date(at)) });
  time.textContent = shortMoment(new Date(at));
  const head = make("span", { className: "inbox-head" }, ...sentence(entry, room, isGroup));
  const said = make("span", { className: "inbox-text", dir: "auto" }, text);
  const state = isUnread
    ? [make("span", { className: "visually-hidden" }, gettext("Unread."), " ")]
    : [];
  const link = make("a", { href: addressOf(entry) }, ...state, avatar, head, time, said);
  item.classList.toggle("is-unread", isUnread);
  item.replaceChildren(link, ...(isUnread ? [readButton(author.name)] : []));
  if (hadFocus) {
    link.focus();
  }
}

/**
 * @param {InboxEntry} entry
 * @param {string} room
 * @param {boolean} isGroup
 */
function sentence({ kind, author }, room, isGroup) {
  const name = isolated(author.name);
  name.className = "inbox-name";
  const sentences = {
    mention: gettext("{name} mentioned you in {room}"),
    reply: gettext("{name} replied to you in {room}"),
    direct: isGroup ? gettext("{name} wrote in {room}") : gettext("{name} wrote to you"),
  };
  return interpolateNodes(sentences[kind], { name, room: isolated(room) });
}

/** @param {InboxEntry} entry a conversation is opened where it was read to */
function addressOf({ kind, room, seq }) {
  return kind === "direct" ? `/rooms/${room}/` : `/rooms/${room}/${seq}/`;
}

/** @param {string} name */
function readButton(name) {
  const label = interpolate(gettext("Mark as read: {name}"), { name });
  const properties = {
    type: /** @type {const} */ ("button"),
    className: "button is-quiet is-icon is-small inbox-read",
    ariaLabel: label,
    title: gettext("Mark as read"),
  };
  return make("button", properties, icon("check"));
}
