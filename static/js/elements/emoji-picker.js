import { emit, find, isComposing, make } from "../helpers/dom.js";
import { isEmoji } from "../helpers/emoji.js";

/** So many are shown for a word. */
const MOST_FOUND = 40;

/**
 * Any emoji: one of the usual ones, by its name, or from the picker of the system. Tells
 * `emoji-chosen` (detail: the emoji).
 */
export class EmojiPicker extends HTMLElement {
  /** @type {Promise<string[][]> | null} each emoji with its names */
  #names = null;
  /** @type {Node[]} */
  #usual = [];

  connectedCallback() {
    this.#usual = [...this.#grid.childNodes];
    // Not submit buttons: Enter in the field must not press the first of them.
    this.#grid.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (button) {
        emit(this, "emoji-chosen", button.value);
      }
    });
    this.#field.addEventListener("input", (event) => {
      // A word that an input method still composes is not typed yet.
      if (!(/** @type {InputEvent} */ (event).isComposing)) {
        this.#input();
      }
    });
    this.#field.addEventListener("compositionend", () => this.#input());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Anew, for another message. */
  reset() {
    this.#field.value = "";
    this.#show(this.#usual);
    this.#field.focus();
  }

  get #grid() {
    return find(this, ".emoji-grid", HTMLElement);
  }

  get #field() {
    return find(this, "input", HTMLInputElement);
  }

  async #input() {
    const typed = this.#field.value.trim();
    if (isEmoji(typed)) {
      emit(this, "emoji-chosen", typed);
    } else if (typed === "") {
      this.#show(this.#usual);
    } else {
      const found = matching(await this.#all(), typed);
      if (typed === this.#field.value.trim()) {
        this.#show(found.map(button));
      }
    }
  }

  /** @returns {Promise<string[][]>} fetched when it is needed for the first time */
  #all() {
    this.#names ??= fetch("/emoji.json")
      .then((answer) => answer.json())
      .catch(() => {
        this.#names = null;
        return [];
      });
    return this.#names;
  }

  /** @param {Node[]} buttons */
  #show(buttons) {
    this.#grid.replaceChildren(...buttons);
    find(this, ".emoji-none", HTMLElement).hidden = buttons.length > 0;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter" && !isComposing(event)) {
      event.preventDefault();
      if (this.#field.value.trim() !== "") {
        this.#grid.querySelector("button")?.click();
      }
    }
  }
}

/**
 * @param {string[][]} all
 * @param {string} typed
 * @returns {string[][]} names that begin so before names with such a word in them
 */
function matching(all, typed) {
  const start = typed.toLowerCase().replaceAll(":", "").replaceAll(" ", "_");
  const begins = all.filter(([, ...names]) => names.some((name) => name.startsWith(start)));
  const contains = all.filter(
    (one) => !begins.includes(one) && one.slice(1).some((name) => name.includes(`_${start}`)),
  );
  return [...begins, ...contains].slice(0, MOST_FOUND);
}

/** @param {string[]} emoji */
function button([character = "", name = ""]) {
  const title = name.replaceAll("_", " ");
  const made = make("button", { type: "button", className: "emoji", title }, character);
  made.value = character;
  made.ariaLabel = `${character} ${title}`;
  return made;
}
