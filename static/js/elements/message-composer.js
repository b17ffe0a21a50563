import { ComposerContext } from "../helpers/composer-context.js";
import { emit, find, isComposing, isolated, isTouch } from "../helpers/dom.js";
import { NameSuggestions } from "../helpers/name-suggestions.js";
import { cleanText, lengthOf } from "../helpers/text.js";
import { throttle } from "../helpers/timing.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Drafts } from "../models/drafts.js" */

/** milliseconds */
const TYPING_INTERVAL = 1_000;
/** The counter shows when this part of the limit is used. */
const COUNTER_FROM = 0.8;

/**
 * Where a member writes. Tells `message-send` (detail: { body, replyTo, typed }: `typed`, when),
 * `message-edit` (detail: { message, body }), `edit-ended`, `edit-last-wanted` and `typing`.
 */
export class MessageComposer extends HTMLElement {
  #limit = Number.POSITIVE_INFINITY;
  /** @type {Drafts} */ #drafts = /** @type {any} */ (null);
  /** @type {ComposerContext} */ #context = /** @type {any} */ (null);
  /** @type {NameSuggestions} */ #names = /** @type {any} */ (null);
  #shownDraft = "";
  /** Whether someone has written here since the page was opened. */
  #isTouched = false;
  /** @type {Message | null} */ #editing = null;
  /** @type {Message | null} */ #replyingTo = null;
  // What was held back is told only of a text that is still there.
  #tellTyping = throttle(() => {
    if (this.#body.value !== "") {
      emit(this, "typing");
    }
  }, TYPING_INTERVAL);

  /**
   * @param {{ limit: number, drafts: Drafts, known: () => MemberRef[] }} settings
   *   `known`: whose names are completed, the likeliest first
   */
  open({ limit, drafts, known }) {
    this.#limit = limit;
    this.#drafts = drafts;
    this.#context = new ComposerContext(this);
    this.#names = new NameSuggestions(this, {
      field: this.#body,
      known,
      changed: () => this.#input(),
    });
    this.#form.noValidate = true;
    this.#body.enterKeyHint = isTouch() ? "enter" : "send";
    this.#body.value ||= this.#shownDraft = drafts.text;
    this.#measure();

    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(event);
    });
    this.#body.addEventListener("input", () => this.#input());
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    this.#context.cancelButton.addEventListener("click", () => {
      this.cancel();
      this.focus();
    });
    this.#context.insteadButton.addEventListener("click", (event) => {
      this.#context.hide();
      this.#submit(event);
    });
  }

  /** @param {string} reason why nothing can be written here any more */
  close(reason) {
    this.cancel();
    this.#body.disabled = true;
    this.#body.placeholder = reason;
    find(this, ".composer-send", HTMLButtonElement).disabled = true;
  }

  /** @returns {Message | null} what is edited or replied to */
  get subject() {
    return this.#editing ?? this.#replyingTo;
  }

  get isEditing() {
    return this.#editing !== null;
  }

  /** The draft is another one by now: shown, unless something else is there. */
  showDraft() {
    if (this.#isTouched) {
      this.#keepDraft();
    } else if (!this.#editing && this.#body.value === this.#shownDraft) {
      this.#write(this.#drafts.text);
    }
  }

  /**
   * @param {Message} message
   * @param {string} text what was made of it before, if that is still to be sent
   */
  edit(message, text = message.body) {
    this.#editing = message;
    this.#replyingTo = null;
    this.#write(text);
    this.#keepDraft();
    this.#context.show(["Editing"], "Esc cancels");
    this.focus();
  }

  /**
   * @param {Message} message
   * @param {string} quote
   */
  reply(message, quote) {
    if (this.#editing) {
      this.cancel();
    }
    this.#replyingTo = message;
    this.#context.show(["Replying to ", isolated(message.author.name), ":"], quote);
    this.focus();
  }

  /**
   * What is edited or replied to is gone: the text is kept, and whoever wrote it decides.
   *
   * @returns {string} what is said of it
   */
  loseSubject() {
    const wasEditing = this.#editing !== null;
    const what = wasEditing
      ? "The message that you are editing was deleted."
      : "The message that you reply to was deleted.";
    this.#editing = null;
    this.#replyingTo = null;
    if (wasEditing) {
      this.#drafts.keepEdit(null);
      this.#write([this.#body.value, this.#drafts.text].filter(Boolean).join("\n"));
      this.#keepDraft();
    }
    this.#context.show([what], "", wasEditing ? "Send as a new message" : "Send without the quote");
    return what;
  }

  /** Back to writing something new. */
  cancel() {
    const wasEditing = this.#editing !== null;
    this.#editing = null;
    this.#replyingTo = null;
    this.#context.hide();
    if (wasEditing) {
      this.#drafts.keepEdit(null);
      this.#write(this.#drafts.text);
      emit(this, "edit-ended");
    }
  }

  /** @param {string} text that could not be sent and is to be written anew */
  revise(text) {
    this.cancel();
    this.#write([text, this.#body.value].filter(Boolean).join("\n"));
    this.#keepDraft();
    this.focus();
  }

  /** @param {string} character */
  insert(character) {
    this.focus();
    this.#body.setRangeText(character, this.#body.selectionStart, this.#body.selectionEnd, "end");
    this.#input();
  }

  /** @override */
  focus() {
    this.#body.focus();
  }

  get #form() {
    return find(this, "form", HTMLFormElement);
  }

  get #body() {
    return find(this, "textarea", HTMLTextAreaElement);
  }

  /** @param {Event} event the key or click that wanted it */
  #submit({ timeStamp }) {
    const body = cleanText(this.#body.value);
    if (this.#context.asks) {
      this.#context.insteadButton.focus();
      return;
    }
    if (body.trim() === "" || lengthOf(body) > this.#limit) {
      this.focus();
      return;
    }
    if (this.#editing) {
      emit(this, "message-edit", { message: this.#editing, body });
      this.cancel();
    } else {
      const typed = performance.timeOrigin + timeStamp;
      emit(this, "message-send", { body, replyTo: this.#replyingTo?.seq, typed });
      this.cancel();
      this.#write("");
      this.#keepDraft();
    }
    this.focus();
  }

  #input() {
    this.#isTouched = true;
    this.#measure();
    this.#names.complete();
    this.#keepDraft();
    if (this.#body.value !== "" && !this.#editing) {
      this.#tellTyping();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Enter also confirms a word of an input method; it must not send it.
    if (isComposing(event)) {
      return;
    }
    if (this.#names.key(event.key)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && !isTouch()) {
      event.preventDefault();
      this.#submit(event);
    } else if (event.key === "ArrowUp" && this.#body.value === "" && !this.#editing) {
      event.preventDefault();
      emit(this, "edit-last-wanted");
    } else if (event.key === "Escape" && (this.subject || this.#context.asks)) {
      event.preventDefault();
      this.cancel();
    }
  }

  /** @param {string} text */
  #write(text) {
    this.#body.value = text;
    this.#measure();
  }

  #keepDraft() {
    if (this.#editing) {
      this.#drafts.keepEdit({ seq: this.#editing.seq, text: this.#body.value });
    } else {
      this.#drafts.keep(this.#body.value);
    }
  }

  /** Grows with the text, and counts when the limit is near. */
  #measure() {
    const body = this.#body;
    body.style.setProperty("block-size", "auto");
    body.style.setProperty("block-size", `${body.scrollHeight}px`);

    const length = lengthOf(body.value);
    const counter = find(this, ".composer-counter", HTMLElement);
    const near = length > this.#limit * COUNTER_FROM;
    counter.textContent = near
      ? `${length.toLocaleString()} of ${this.#limit.toLocaleString()}`
      : "";
    const tooLong = length > this.#limit;
    counter.classList.toggle("is-over", tooLong);
    body.ariaInvalid = String(tooLong);
    find(this, ".composer-send", HTMLButtonElement).disabled =
      body.disabled || tooLong || body.value.trim() === "";
  }
}
