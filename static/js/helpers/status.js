/** A screen reader is spoken to at most this often. Milliseconds. */
const INTERVAL = 2_000;

/** The page's hidden status line: what changed, for those who do not see it. */
export class Status {
  #element;
  /** @type {string[]} */
  #waiting = [];
  #busy = false;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  say(text) {
    if (this.#waiting.at(-1) !== text) {
      this.#waiting.push(text);
    }
    if (!this.#busy) {
      this.#speak();
    }
  }

  #speak() {
    this.#busy = this.#waiting.length > 0;
    if (this.#busy) {
      this.#element.textContent = this.#waiting.join(" ");
      this.#waiting = [];
      setTimeout(() => this.#speak(), INTERVAL);
    }
  }
}
