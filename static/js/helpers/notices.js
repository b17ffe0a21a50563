import { find } from "./dom.js";

/** A screen reader is spoken to at most this often. Milliseconds. */
const INTERVAL = 2_000;
/** How long a remark is shown. Milliseconds. */
const REMARK_TIME = 5_000;

/** What the page says in passing: in its hidden status line, and where everyone can see it. */
export class Notices {
  #status;
  #remark;
  /** @type {string[]} */
  #waiting = [];
  #busy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #remarkTimer;

  /** @param {ParentNode} page */
  constructor(page) {
    this.#status = find(page, "#status", HTMLElement);
    this.#remark = find(page, "#remark", HTMLElement);
  }

  /** @param {string} text for those who do not see what changed */
  say(text) {
    if (this.#waiting.at(-1) !== text) {
      this.#waiting.push(text);
    }
    if (!this.#busy) {
      this.#speak();
    }
  }

  /** @param {(string | Node)[]} parts for everyone: shown for a while, and read out */
  remark(...parts) {
    this.#remark.replaceChildren(...parts);
    this.say(this.#remark.textContent ?? "");
    this.#remark.classList.add("is-shown");
    clearTimeout(this.#remarkTimer);
    this.#remarkTimer = setTimeout(() => this.#remark.classList.remove("is-shown"), REMARK_TIME);
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
