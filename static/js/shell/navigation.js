import { isTouch } from "../helpers/dom.js";
import { links } from "./room-list.js";

/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Reading } from "./reading.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** @typedef {{ key: string, seq: number }} Target A room and a message of it; 0: none in particular. */

const ADDRESS = /^\/rooms\/([-\w]+)\/(?:(\d+)\/)?$/;

/**
 * From room to room without another page: by links, by Back and Forward, by Alt with the arrow keys. The
 * address says which room is on the screen, and can be opened anywhere else.
 */
export class Navigation {
  #parts;

  /**
   * @param {{
   *   sessions: RoomSessions, current: CurrentRoom, directory: RoomDirectory, reading: Reading,
   *   focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    // After a form that was refused the page stands at the form's address, which cannot be reloaded
    // and from which no link would lead into the room.
    const { session } = this.#parts.current;
    if (targetOf(location)?.key !== session.key) {
      history.replaceState(null, "", session.address);
    }
    document.addEventListener("click", (event) => this.#follow(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("popstate", () => this.#return());
    addEventListener("hashchange", () => this.#toHash());
    this.#parts.directory.addEventListener("change", () => this.#comeBack());
  }

  /** The room on the screen was taken away, and is in my list again. */
  #comeBack() {
    const { key, permissions } = this.#parts.current.session;
    if (permissions.removed && this.#parts.directory.get(key)) {
      this.#show({ key, seq: 0 });
    }
  }

  /**
   * The room that the server wrote is on the screen: to the message that the address names, or to where
   * the reader was; who just joined, writes.
   *
   * @param {number | null | undefined} focus the message that the page was opened at
   */
  begin(focus) {
    const { reading, focusBack } = this.#parts;
    const linked = hashSeq() || focus;
    if (linked) {
      reading.to(linked);
    } else {
      reading.back();
      // What was opened or written in before the scripts ran keeps the focus.
      const isFocused = document.activeElement !== document.body;
      if (cameFromOurPages() && !isFocused && !document.querySelector("[autofocus]")) {
        focusBack();
      }
    }
  }

  /**
   * @param {string} key
   * @param {number} seq
   */
  go(key, seq = 0) {
    const address = seq ? `/rooms/${key}/${seq}/` : `/rooms/${key}/`;
    if (location.pathname + location.hash !== address) {
      history.pushState(null, "", address);
    }
    this.#show({ key, seq });
  }

  /** @param {Target} target */
  #show({ key, seq }) {
    const { sessions, current, reading, focusBack } = this.#parts;
    const before = current.session;
    const wasGone = before.isMissing || before.permissions.removed;
    const isAgain = wasGone && key === before.key;
    const isOther = isAgain || key !== before.key;
    if (isAgain) {
      // Entered as a room of which nothing is held.
      sessions.drop(before);
    }
    if (isOther) {
      current.show(sessions.open(key));
      if (wasGone && !isAgain) {
        sessions.drop(before);
      }
      closeSides();
    }
    if (seq) {
      reading.to(seq);
    } else if (isOther) {
      reading.back();
      // Under a finger that would open the keyboard over the room.
      if (!isTouch()) {
        focusBack();
      }
    } else {
      reading.toEnd();
    }
  }

  /** @param {MouseEvent} event */
  #follow(event) {
    const { target, button, ctrlKey, metaKey, shiftKey, altKey } = event;
    const link = target instanceof Element ? target.closest("a") : null;
    const isPlain = button === 0 && !(ctrlKey || metaKey || shiftKey || altKey);
    if (!link || !isPlain || event.defaultPrevented || link.download) {
      return;
    }
    const isHere = link.pathname === location.pathname && link.hash !== "";
    const found = isHere ? null : targetOf(link);
    if (found) {
      event.preventDefault();
      this.go(found.key, found.seq || seqIn(link.hash));
    }
  }

  #return() {
    const found = targetOf(location);
    if (found && found.key !== this.#parts.current.session.key) {
      this.#show({ key: found.key, seq: found.seq || hashSeq() });
    } else if (found?.seq) {
      this.#parts.reading.to(found.seq);
    }
  }

  #toHash() {
    const seq = hashSeq();
    if (seq) {
      this.#parts.reading.to(seq);
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, altKey, shiftKey, ctrlKey, metaKey } = event;
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    const isBusy = document.querySelector("dialog[open]") !== null;
    if (step === undefined || !altKey || ctrlKey || metaKey || isBusy) {
      return;
    }
    event.preventDefault();
    const next = this.#neighbour(step, shiftKey);
    if (next) {
      this.go(next);
    }
  }

  /**
   * @param {number} step 1: down the list
   * @param {boolean} onlyUnread
   * @returns {string | undefined} the key of the next room, round the ends of the list
   */
  #neighbour(step, onlyUnread) {
    const { key } = this.#parts.current.session;
    const all = links();
    const at = all.findIndex((link) => link.dataset.room === key);
    const start = at === -1 && step === -1 ? 0 : at;
    for (let count = 1; count <= all.length; count += 1) {
      const link = all[(start + step * count + all.length * count) % all.length];
      if (link?.dataset.room !== key && (!onlyUnread || isUnread(link))) {
        return link?.dataset.room;
      }
    }
    return undefined;
  }
}

/** @param {HTMLAnchorElement | undefined} link */
function isUnread(link) {
  return link?.querySelector(".unread-dot:not([hidden])") !== null;
}

/**
 * @param {{ origin: string, pathname: string }} address
 * @returns {Target | null} null: of no room of this site
 */
function targetOf({ origin, pathname }) {
  const [, key, seq = "0"] = (origin === location.origin && ADDRESS.exec(pathname)) || [];
  return key === undefined ? null : { key, seq: Number(seq) };
}

function hashSeq() {
  return seqIn(location.hash);
}

/** @param {string} hash */
function seqIn(hash) {
  return Number(/^#m(\d+)$/.exec(hash)?.[1] ?? 0);
}

/** On narrow screens the list of rooms lies over the room. */
function closeSides() {
  const sides = document.querySelector("#sides:popover-open");
  if (sides instanceof HTMLElement) {
    sides.hidePopover();
  }
}

/** @returns {boolean} whether a form or a link of this site led here, as after joining */
function cameFromOurPages() {
  const [navigation] = performance.getEntriesByType("navigation");
  const { type } = /** @type {PerformanceNavigationTiming} */ (navigation ?? {});
  return type === "navigate" && document.referrer.startsWith(`${location.origin}/`);
}
