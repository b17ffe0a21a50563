import { find } from "./dom.js";

/** What is being written, said above it: a reply, or that what it answers is gone. */
export class ComposerContext {
  #box;

  /** @param {ParentNode} composer */
  constructor(composer) {
    this.#box = find(composer, ".composer-context", HTMLElement);
  }

  /** Says that it is to go, and nothing else. */
  get cancelButton() {
    return find(this.#box, ".composer-cancel", HTMLButtonElement);
  }

  /** Sends all the same. */
  get insteadButton() {
    return find(this.#box, ".composer-instead", HTMLButtonElement);
  }

  /**
   * @param {(string | Node)[]} purpose
   * @param {string} subject
   * @param {string} instead what can be done instead; empty: nothing
   */
  show(purpose, subject, instead = "") {
    find(this.#box, ".composer-purpose", HTMLElement).replaceChildren(...purpose);
    find(this.#box, ".composer-subject", HTMLElement).textContent = subject;
    this.insteadButton.textContent = instead;
    this.insteadButton.hidden = instead === "";
    this.#box.hidden = false;
  }

  hide() {
    this.#box.hidden = true;
    this.insteadButton.hidden = true;
  }

  /** Whether someone has to decide before anything is sent. */
  get asks() {
    return !this.insteadButton.hidden;
  }
}
