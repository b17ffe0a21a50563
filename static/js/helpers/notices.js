import { find, make } from "./dom.js";
import { gettext } from "./i18n.js";

/** A screen reader is spoken to at most this often. Milliseconds. */
const INTERVAL = 2_000;
/** How long a toast is shown. Milliseconds. */
const TOAST_TIME = 5_000;
/** How long one is shown that can be taken back; longer while someone is at its button. Milliseconds. */
const UNDO_TIME = 10_000;

/** What the page says in passing: in its hidden status line, and where everyone can see it. */
export class Notices {
  #status;
  #toast;
  /** @type {string[]} */
  #waiting = [];
  #busy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #toastTimer;
  /** What is done for good when the way back of the toast is gone. */
  #commit = () => {};

  /** @param {ParentNode} page */
  constructor(page) {
    this.#status = find(page, "#status", HTMLElement);
    this.#toast = find(page, "#toast", HTMLElement);
  }

  /** @param {string} text for those who do not see what changed */
  announce(text) {
    if (this.#waiting.at(-1) !== text) {
      this.#waiting.push(text);
    }
    if (!this.#busy) {
      this.#speak();
    }
  }

  /** @param {(string | Node)[]} parts for everyone: shown for a while, and read out */
  toast(...parts) {
    this.commit();
    this.#toast.replaceChildren(...parts);
    this.announce(this.#toast.textContent ?? "");
    // The status line says it.
    this.#toast.ariaHidden = "true";
    this.#toast.classList.add("is-shown");
    this.#hideAfter(TOAST_TIME);
  }

  /**
   * What was done, with the way back.
   *
   * @param {string} text
   * @param {() => void} undo
   * @param {() => void} commit once it cannot be undone any more
   */
  undoable(text, undo, commit = () => {}) {
    this.toast(text);
    this.#commit = commit;
    const button = make("button", { type: "button", className: "toast-undo" }, gettext("Undo"));
    button.addEventListener("click", () => {
      this.#commit = () => {};
      this.#hideAfter(0);
      undo();
    });
    this.#toast.append(" ", button);
    this.#toast.ariaHidden = null;
    this.#hideAfter(UNDO_TIME);
  }

  /** What could be undone is done for good. */
  commit() {
    const commit = this.#commit;
    this.#commit = () => {};
    commit();
  }

  /** @param {number} time */
  #hideAfter(time) {
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => {
      if (time > 0 && this.#toast.matches(":hover, :focus-within")) {
        this.#hideAfter(time);
      } else {
        this.#toast.classList.remove("is-shown");
        this.commit();
      }
    }, time);
  }

  #speak() {
    this.#busy = this.#waiting.length > 0;
    if (this.#busy) {
      this.#status.textContent = this.#waiting.join(" ");
      this.#waiting = [];
      setTimeout(() => this.#speak(), INTERVAL);
    }
  }
}
