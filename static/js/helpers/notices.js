import { find } from "./dom.js";

/** A screen reader is spoken to at most this often. Milliseconds. */
const INTERVAL = 2_000;
/** How long a toast is shown. Milliseconds. */
const TOAST_TIME = 5_000;

/** What the page says in passing: in its hidden status line, and where everyone can see it. */
export class Notices {
  #status;
  #toast;
  /** @type {string[]} */
  #waiting = [];
  #busy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #toastTimer;

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
    this.#toast.replaceChildren(...parts);
    this.announce(this.#toast.textContent ?? "");
    this.#toast.classList.add("is-shown");
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => this.#toast.classList.remove("is-shown"), TOAST_TIME);
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
