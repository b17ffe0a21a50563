import { find, make, on } from "../helpers/dom.js";
import { oncePerFrame } from "../helpers/drawing.js";
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";

/** @import { ListedRoom, RoomDirectory } from "../models/room-directory.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { Unread, UnreadRooms } from "../models/unread-rooms.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

const SVG = "http://www.w3.org/2000/svg";
/** The server counts no further. */
const MOST_COUNTED = 99;
/** @type {Unread} */
const NOTHING = { isUnread: false, count: 0, mentions: 0 };

/** What stands at each link, so that only what changed is written. */
/** @type {WeakMap<HTMLAnchorElement, string>} */
const marked = new WeakMap();

/** The list of rooms: which one is on the screen, and how much was said in each since I was there. */
export class RoomList {
  #parts;
  /** Once a frame: a busy room costs no more than a quiet one. */
  #drawSoon = oncePerFrame(() => this.#draw());
  /** What the list was made of. */
  #shown = "";

  /**
   * @param {{
   *   current: CurrentRoom, directory: RoomDirectory, sessions: RoomSessions, connection: Connection,
   *   unreadRooms: UnreadRooms,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current, directory, sessions, connection } = this.#parts;
    this.#shown = signature(directory.all);
    on(connection, "frame", (frame) => directory.receive(frame));
    on(directory, "change", () => this.#drawSoon());
    current.follow(() => this.#draw());
    sessions.follow((session) => {
      on(session.timeline, "change", () => this.#drawSoon());
      on(session.feed, "behind", () => this.#noteLeft(session));
    });
  }

  /**
   * While a room is entered, its session counts; when it is left, the list goes on from there.
   *
   * @param {RoomSession} session
   */
  #noteLeft({ key, feed, timeline, unread }) {
    if (!feed.isFollowing) {
      const { count } = unread.count(timeline);
      const left = { head: timeline.position.seq, read: unread.read, unread: count };
      this.#parts.directory.note(key, count > 0 ? left : { ...left, mentions: 0 });
    }
  }

  #draw() {
    const rooms = this.#parts.directory.all;
    if (signature(rooms) !== this.#shown) {
      this.#shown = signature(rooms);
      rebuild(rooms);
    }
    const { current, unreadRooms } = this.#parts;
    const { key } = current.session;
    let some = false;
    for (const link of links()) {
      const isCurrent = link.dataset.room === key;
      const unread = isCurrent ? NOTHING : unreadRooms.in(link.dataset.room ?? "");
      const place = isCurrent ? "page" : null;
      if (link.ariaCurrent !== place) {
        link.ariaCurrent = place;
      }
      mark(link, unread);
      some ||= unread.isUnread;
    }
    find(document, ".sides-button .unread-dot", HTMLElement).hidden = !some;
    find(document, "#sides-news", HTMLElement).hidden = !some;
  }
}

/** @param {ListedRoom[]} rooms */
function signature(rooms) {
  return JSON.stringify(rooms.map(({ key, name, kind }) => [key, name, kind]));
}

/** @param {ListedRoom[]} rooms that are not quite those of the list */
function rebuild(rooms) {
  const known = new Map(links().map((link) => [link.dataset.room, link.closest("li")]));
  const items = rooms.map((room) => {
    const item = known.get(room.key) ?? newItem(room);
    find(item, ".room-name", HTMLElement).textContent = room.name;
    return { item, isDirect: room.kind === "direct" };
  });
  const direct = find(document, ".direct-messages", HTMLElement);
  const of = (/** @type {boolean} */ wanted) =>
    items.filter(({ isDirect }) => isDirect === wanted).map(({ item }) => item);
  find(document, ".rooms-all > .rooms-list", HTMLElement).replaceChildren(...of(false));
  find(direct, ".rooms-list", HTMLElement).replaceChildren(...of(true));
  // Members begin one here; visitors have none.
  direct.hidden = of(true).length === 0 && !direct.querySelector("button");
}

/**
 * As templates/chat/_rooms_list.html writes it.
 *
 * @param {ListedRoom} room
 */
function newItem({ key, name, kind = "public" }) {
  const dot = make("span", { className: "unread-dot", hidden: true });
  dot.append(
    make("span", { className: "unread-count", ariaHidden: "true" }),
    make("span", { className: "visually-hidden" }),
  );
  const label = make("bdi", { className: "room-name" }, name);
  const link = make("a", { href: `/rooms/${key}/` }, roomMark(kind), label, dot);
  link.dataset.room = key;
  link.dataset.kind = kind;
  return make("li", {}, link);
}

/**
 * @param {string} kind of room
 * @returns {Element} what stands before its name
 */
export function roomMark(kind) {
  if (kind !== "private") {
    return make("span", { className: "room-mark", ariaHidden: "true" }, "#");
  }
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon room-mark");
  icon.ariaHidden = "true";
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", "#icon-lock");
  icon.append(use);
  return icon;
}

/**
 * @param {HTMLAnchorElement} link
 * @param {Unread} unread
 */
function mark(link, { isUnread, count, mentions }) {
  const wanted = JSON.stringify([isUnread, count, mentions]);
  if (marked.get(link) === wanted) {
    return;
  }
  marked.set(link, wanted);
  const dot = find(link, ".unread-dot", HTMLElement);
  dot.hidden = !isUnread;
  dot.classList.toggle("has-mentions", mentions > 0);
  const shown = mentions || count;
  const text = shown > MOST_COUNTED ? `${MOST_COUNTED}+` : String(shown || "");
  find(dot, ".unread-count", HTMLElement).textContent = text;
  find(dot, ".visually-hidden", HTMLElement).textContent = said(count, mentions);
}

/**
 * @param {number} count
 * @param {number} mentions
 * @returns {string} what follows the name of the room
 */
function said(count, mentions) {
  if (mentions > 0) {
    return `, ${ngettext("{count} mention", "{count} mentions", mentions)}`;
  }
  if (count > MOST_COUNTED) {
    return `, ${interpolate(gettext("more than {count} new messages"), { count: MOST_COUNTED })}`;
  }
  return `, ${count > 0 ? ngettext("{count} new message", "{count} new messages", count) : gettext("new messages")}`;
}

/** @returns {HTMLAnchorElement[]} in the order of the list */
export function links() {
  return [...document.querySelectorAll("a[data-room]")].map(
    (link) => /** @type {HTMLAnchorElement} */ (link),
  );
}

/** @returns {{ key: string, name: string, kind?: string }[]} the rooms that the server wrote into the page */
export function writtenRooms() {
  return links().map((link) => ({
    key: link.dataset.room ?? "",
    name: find(link, "bdi", HTMLElement).textContent ?? "",
    kind: link.dataset.kind,
  }));
}
