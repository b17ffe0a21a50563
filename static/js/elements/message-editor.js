import { emit, find, isComposing, isTouch } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { cleanText, lengthOf } from "../helpers/text.js";

/** The counter shows when this part of the limit is used. */
const COUNTER_FROM = 0.8;

/**
 * Where the text of a message is written anew, in its row. Tells `editor-saved` (detail: the text),
 * `editor-cancelled`, and `editor-typed` (detail: the text so far).
 */
export class MessageEditor extends HTMLElement {
  #limit = Number.POSITIVE_INFINITY;
  #isLost = false;
  /** Whether this element has its listeners: a row may be taken out and put in again. */
  #isReady = false;
  /** What the editor was opened for begins as soon as it is on the page. */
  #wantsFocus = true;

  connectedCallback() {
    if (!this.#isReady) {
      this.#isReady = true;
      this.#field.addEventListener("input", () => {
        this.#measure();
        emit(this, "editor-typed", this.#field.value);
      });
      this.#field.addEventListener("keydown", (event) => this.#key(event));
      this.#button("save").addEventListener("click", () => this.#save());
      this.#button("cancel").addEventListener("click", () => emit(this, "editor-cancelled"));
    }
    this.#measure();
    if (this.#wantsFocus) {
      this.#wantsFocus = false;
      this.focus();
      this.scrollIntoView({ block: "nearest" });
    }
  }

  /**
   * @param {string} text
   * @param {number} limit in characters
   */
  open(text, limit) {
    this.#limit = limit;
    this.#field.value = text;
    this.#field.enterKeyHint = isTouch() ? "enter" : "done";
    this.#measure();
  }

  get text() {
    return this.#field.value;
  }

  /** Whether the message is gone, and the text can only be sent as a new one. */
  get isLost() {
    return this.#isLost;
  }

  /** The message was deleted meanwhile: the text is kept, and its author decides what becomes of it. */
  lose() {
    this.#isLost = true;
    find(this, ".editor-lost", HTMLElement).hidden = false;
    this.#button("save").textContent = gettext("Send as a new message");
    this.#button("cancel").textContent = gettext("Discard");
  }

  /** @override */
  focus() {
    this.#field.focus();
    const { length } = this.#field.value;
    this.#field.setSelectionRange(length, length);
  }

  get #field() {
    return find(this, "textarea", HTMLTextAreaElement);
  }

  /** @param {string} value */
  #button(value) {
    return find(this, `button[value=${value}]`, HTMLButtonElement);
  }

  #save() {
    const text = cleanText(this.#field.value);
    if (text.trim() !== "" && lengthOf(text) <= this.#limit) {
      emit(this, "editor-saved", text);
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Enter also confirms a word of an input method; it must not save it.
    if (isComposing(event)) {
      return;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      // Nothing behind it: Escape on a message leads to the end of the room.
      event.stopPropagation();
      emit(this, "editor-cancelled");
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && !isTouch()) {
      event.preventDefault();
      if (this.#isLost) {
        // It was to save an edit: a new message is another thing, and takes a word of its own.
        this.#button("save").focus();
      } else {
        this.#save();
      }
    }
  }

  /** Grows with the text, and counts when the limit is near. */
  #measure() {
    const field = this.#field;
    field.style.setProperty("block-size", "auto");
    field.style.setProperty("block-size", `${field.scrollHeight + 2}px`);

    const length = lengthOf(field.value);
    const isTooLong = length > this.#limit;
    const counter = find(this, ".editor-counter", HTMLElement);
    counter.textContent =
      length > this.#limit * COUNTER_FROM
        ? interpolate(gettext("{count} of {limit}"), {
            count: length.toLocaleString(),
            limit: this.#limit.toLocaleString(),
          })
        : "";
    counter.classList.toggle("is-over", isTooLong);
    field.ariaInvalid = String(isTooLong);
    this.#button("save").disabled = isTooLong || field.value.trim() === "";
  }
}
