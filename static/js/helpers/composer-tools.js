import { EmojiPicker } from "../elements/emoji-picker.js";
import { formatted } from "../models/formatting.js";
import { find } from "./dom.js";
import { replaceText } from "./text-field.js";

/** @import { Format } from "../models/formatting.js" */

/** Between the emoji and the field that they are above. Pixels. */
const DISTANCE = 4;

/** By the key that is pressed together with Ctrl, on a Mac with ⌘. */
/** @type {Record<string, Format>} */
const KEYS = { b: "bold", i: "italic", e: "code" };

/** The buttons below the text field, and the keys that do the same. */
export class ComposerTools {
  #composer;
  #field;
  #bar;
  #emoji;

  /**
   * @param {ParentNode} composer
   * @param {HTMLTextAreaElement} field
   */
  constructor(composer, field) {
    this.#composer = composer;
    this.#field = field;
    this.#bar = find(composer, ".composer-tools", HTMLElement);
    this.#emoji = find(composer, ".composer-emoji", HTMLElement);
    // A click into the bar takes neither the focus nor the selection from the field.
    this.#bar.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#bar.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      this.#use(button?.dataset.tool ?? "");
    });
    this.#bar.addEventListener("keydown", (event) => this.#rove(event));
    this.#emoji.addEventListener("emoji-chosen", (event) => {
      this.#emoji.hidePopover();
      this.insert(/** @type {CustomEvent} */ (event).detail);
    });
    this.#setStop(this.#buttons[0]);
  }

  /** @param {string} text in place of what is selected */
  insert(text) {
    const { selectionStart, selectionEnd } = this.#field;
    replaceText(this.#field, selectionStart, selectionEnd, text);
  }

  /** @param {boolean} disabled */
  set disabled(disabled) {
    for (const button of this.#buttons) {
      button.disabled = disabled;
    }
    if (disabled) {
      this.#emoji.hidePopover();
    }
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key meant a format
   */
  key(event) {
    const { key, altKey, shiftKey } = event;
    if (altKey || !isCommand(event)) {
      return false;
    }
    const letter = key.toLowerCase();
    const format = shiftKey ? letter === "k" && "link" : KEYS[letter];
    if (format) {
      this.#format(format);
    }
    return Boolean(format);
  }

  get #buttons() {
    return [...this.#bar.querySelectorAll("button")];
  }

  /** @param {string} tool */
  #use(tool) {
    if (tool === "emoji") {
      this.#openEmoji();
    } else if (tool === "mention") {
      const before = this.#field.value.slice(0, this.#field.selectionStart);
      this.insert(/(?:^|\s)$/u.test(before) ? "@" : " @");
    } else if (tool) {
      this.#format(/** @type {Format} */ (tool));
    }
  }

  /** @param {Format} format */
  #format(format) {
    const { value, selectionStart, selectionEnd } = this.#field;
    const { from, to, text, start, end } = formatted(format, value, selectionStart, selectionEnd);
    replaceText(this.#field, from, to, text);
    this.#field.setSelectionRange(start, end);
  }

  /** Above all of the composer, so that it covers nothing of what is being written. */
  #openEmoji() {
    this.#emoji.showPopover();
    const place = find(this.#composer, "form", HTMLFormElement).getBoundingClientRect();
    const { width } = this.#emoji.getBoundingClientRect();
    const isMirrored = getComputedStyle(this.#bar).direction === "rtl";
    const left = isMirrored ? place.right - width : place.left;
    this.#emoji.style.setProperty("bottom", `${innerHeight - place.top + DISTANCE}px`);
    this.#emoji.style.setProperty("left", `${left}px`);
    this.#emoji.style.setProperty("max-block-size", `${place.top - 2 * DISTANCE}px`);
    find(this.#emoji, "emoji-picker", EmojiPicker).reset();
  }

  /**
   * One stop of the Tab key for all; arrows go from button to button.
   *
   * @param {KeyboardEvent} event
   */
  #rove(event) {
    const buttons = this.#buttons;
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const forward = getComputedStyle(this.#bar).direction === "rtl" ? -1 : 1;
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: at + forward, ArrowLeft: at - forward, Home: 0, End: -1 };
    const step = steps[event.key];
    if (step !== undefined && at >= 0) {
      event.preventDefault();
      const next = buttons[(step + buttons.length) % buttons.length];
      this.#setStop(next);
      next?.focus();
    }
  }

  /** @param {HTMLButtonElement | undefined} stop */
  #setStop(stop) {
    for (const button of this.#buttons) {
      button.tabIndex = button === stop ? 0 : -1;
    }
  }
}

/** @param {KeyboardEvent} event */
function isCommand({ ctrlKey, metaKey }) {
  const isMac = navigator.platform.startsWith("Mac");
  return isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey;
}
