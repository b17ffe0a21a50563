import { isTouch } from "./dom.js";

/** How long a message that was jumped to is outlined. Milliseconds. */
const OUTLINE_TIME = 2_000;
/** What a list that was flung needs to come to rest where it cannot be scrolled. Milliseconds. */
const HALT_TIME = 100;

/**
 * @typedef {{ seq: number, bottom: number }} Place A message, and how far below the top it ends.
 * @typedef {"end" | number | Place} Goal A number: the message that was asked for.
 * @typedef {{ row: HTMLElement, bottom: number }} Anchor A row in sight, and where it ends.
 */

/** Moves the view of a list of messages: to a place, or to where it was before its rows changed. */
export class ListScroller {
  #list;
  /** Where the list began on the screen when its size changed last: a banner may push it down. */
  #began;

  /** @param {HTMLElement} list that scrolls */
  constructor(list) {
    this.#list = list;
    this.#began = this.#top;
  }

  /**
   * The first row in sight, and where it ends: its own top may change, since the first of a page shows its author
   * and one that follows another's does not.
   *
   * @returns {Anchor | null}
   */
  anchor() {
    const { top } = this.#list.getBoundingClientRect();
    for (const row of this.#list.querySelectorAll("li.message")) {
      const { bottom } = row.getBoundingClientRect();
      if (bottom > top) {
        return { row: /** @type {HTMLElement} */ (row), bottom };
      }
    }
    return null;
  }

  /** @returns {Place | null} where the reader is */
  place() {
    const anchor = this.anchor();
    const seq = Number(anchor?.row.dataset.seq);
    return anchor && seq ? { seq, bottom: anchor.bottom - this.#top } : null;
  }

  /** @param {Anchor | null} anchor stays where it is on the screen */
  keep(anchor) {
    if (anchor?.row.isConnected) {
      this.#list.scrollTop += anchor.row.getBoundingClientRect().bottom - anchor.bottom;
    }
  }

  /**
   * @param {Anchor | null} anchor
   * @param {boolean} atEnd then the reader stays there
   */
  hold(anchor, atEnd) {
    if (atEnd) {
      this.toEnd();
    } else {
      this.keep(anchor);
    }
  }

  /**
   * The list became higher or lower: the end stays the end, and a reader's line where it was.
   *
   * @param {boolean} atEnd
   */
  stay(atEnd) {
    const top = this.#top;
    if (atEnd) {
      this.toEnd();
    } else {
      this.#list.scrollTop += top - this.#began;
    }
    this.#began = top;
  }

  toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  /**
   * Ends a scroll that is under way, of a key or a finger: in Chromium it goes on whatever scrollTop is set to. A
   * key's is taken over by another smooth one; a finger's fling ends where nothing can be scrolled.
   *
   * @param {Goal} goal
   */
  go(goal) {
    this.#list.scrollTo({ top: this.#list.scrollHeight, behavior: "smooth" });
    if (isTouch()) {
      this.#list.style.setProperty("overflow-y", "hidden");
      setTimeout(() => {
        this.#list.style.removeProperty("overflow-y");
        this.#jump(goal);
      }, HALT_TIME);
    }
    this.#jump(goal);
  }

  get #top() {
    return this.#list.getBoundingClientRect().top;
  }

  /** @param {Goal} goal */
  #jump(goal) {
    if (typeof goal === "number") {
      this.#reveal(goal);
    } else if (typeof goal === "object") {
      this.#return(goal);
    } else {
      this.toEnd();
    }
  }

  /** @param {Place} place */
  #return({ seq, bottom }) {
    const row = this.#list.querySelector(`#m${seq}`);
    if (row) {
      this.#list.scrollTop += row.getBoundingClientRect().bottom - this.#top - bottom;
    }
  }

  /** @param {number} seq */
  #reveal(seq) {
    const row = this.#list.querySelector(`#m${seq}`);
    if (row instanceof HTMLElement) {
      row.scrollIntoView({ block: "center" });
      row.classList.add("is-revealed");
      row.tabIndex = -1;
      const field = row.querySelector("textarea");
      (field ?? row).focus({ preventScroll: true });
      setTimeout(() => row.classList.remove("is-revealed"), OUTLINE_TIME);
    }
  }
}
