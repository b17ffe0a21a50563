import { Completions } from "../helpers/completion.js";
import { ComposerContext } from "../helpers/composer-context.js";
import { ComposerTools } from "../helpers/composer-tools.js";
import { emit, find, isComposing, isolated, isTouch } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { cleanText, lengthOf } from "../helpers/text.js";
import { throttle } from "../helpers/timing.js";

/** @import { RoomRef } from "../helpers/completion.js" */
/** @import { Drafts } from "../models/drafts.js" */
/** @import { MemberRef, Message } from "../protocol.js" */

/** milliseconds */
const TYPING_INTERVAL = 1_000;
/** The counter shows when this part of the limit is used. */
const COUNTER_FROM = 0.8;

/**
 * Where a member writes. Emits `message-send` (detail: { body, replyTo, typed }: `typed`, when),
 * `edit-last-wanted` and `typing`.
 */
export class MessageComposer extends HTMLElement {
  #limit = Number.POSITIVE_INFINITY;
  /** @type {Drafts | null} */ #drafts = null;
  /** @type {ComposerContext} */ #context = /** @type {any} */ (null);
  /** @type {Completions} */ #completions = /** @type {any} */ (null);
  /** @type {ComposerTools} */ #tools = /** @type {any} */ (null);
  #shownDraft = "";
  /** Whether something was written here since the room was opened. */
  #isTouched = false;
  /** @type {Message | null} */ #replyingTo = null;
  // What was held back is told only of a text that is still there.
  #tellTyping = throttle(() => {
    if (this.#body.value !== "") {
      emit(this, "typing");
    }
  }, TYPING_INTERVAL);

  connectedCallback() {
    const body = this.#body;
    this.#context = new ComposerContext(this);
    this.#completions = new Completions(this, body);
    this.#tools = new ComposerTools(this, body);
    this.#form.noValidate = true;
    body.enterKeyHint = isTouch() ? "enter" : "send";
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(event);
    });
    if (location.hash === `#${body.id}`) {
      // After joining. The browser has moved the focus here; the address is the room's own.
      history.replaceState(history.state, "", location.pathname + location.search);
      body.focus();
    }
    body.addEventListener("input", () => this.#input());
    body.addEventListener("keydown", (event) => this.#key(event));
    this.#context.cancelButton.addEventListener("click", () => {
      this.cancel();
      this.focus();
    });
    this.#context.insteadButton.addEventListener("click", (event) => {
      this.#context.hide();
      this.#submit(event);
    });
  }

  /**
   * Begins to write in a room, where its draft goes on. What stands here and belongs to no room (the
   * page came back with it) becomes the draft of the first one.
   *
   * @param {{
   *   limit: number, drafts: Drafts, known: () => MemberRef[], rooms?: () => RoomRef[],
   *   mayCallEveryone?: () => boolean,
   * }} room `limit`: in characters; `known`, `rooms`: whose names are completed, the likeliest first
   */
  open({ limit, drafts, known, rooms = () => [], mayCallEveryone = () => false }) {
    const text = this.#drafts === null ? this.#body.value : "";
    this.#replyingTo = null;
    this.#context.hide();
    this.#limit = limit;
    this.#drafts = drafts;
    this.#completions.known = { people: known, rooms, mayCallEveryone };
    this.#isTouched = false;
    this.#shownDraft = drafts.text;
    this.#write(text || this.#shownDraft);
  }

  /**
   * Nothing can be written for now; what was written is kept.
   *
   * @param {string} reason and until when
   */
  disable(reason) {
    this.#refusal.textContent = reason;
    this.#setDisabled(true);
  }

  enable() {
    if (!this.isDisabled) {
      return;
    }
    this.#refusal.textContent = "";
    this.#setDisabled(false);
    this.#measure();
  }

  get isDisabled() {
    return this.#body.disabled;
  }

  /** @returns {Message | null} what the draft answers */
  get replyingTo() {
    return this.#replyingTo;
  }

  /** The draft is another one by now: shown, unless something else is there. */
  showDraft() {
    if (this.#isTouched) {
      this.#keepDraft();
    } else if (this.#body.value === this.#shownDraft) {
      this.#write(this.#drafts?.text ?? "");
    }
  }

  /**
   * @param {Message} message
   * @param {string} quote
   */
  reply(message, quote) {
    this.#replyingTo = message;
    this.#context.show([gettext("Replying to"), " ", isolated(message.author.name)], quote);
    this.focus();
  }

  /**
   * What the draft answers is gone: the text is kept, and its author decides.
   *
   * @returns {string} what is said of it
   */
  loseSubject() {
    const what = gettext("The message that you reply to was deleted.");
    this.#replyingTo = null;
    this.#context.show([what], "", gettext("Send without the quote"));
    return what;
  }

  /** Back to writing something of its own. */
  cancel() {
    this.#replyingTo = null;
    this.#context.hide();
  }

  /** @param {string} text that could not be sent and is to be written anew */
  revise(text) {
    this.cancel();
    this.#write([text, this.#body.value].filter(Boolean).join("\n"));
    this.#keepDraft();
    this.focus();
  }

  /** @param {string} text in place of what is selected; it can be undone */
  insert(text) {
    this.#tools.insert(text);
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

  get #send() {
    return find(this, ".composer-send", HTMLButtonElement);
  }

  get #refusal() {
    return find(this, ".composer-refusal", HTMLElement);
  }

  /** @param {boolean} disabled */
  #setDisabled(disabled) {
    this.#body.disabled = disabled;
    this.#send.disabled = disabled;
    this.#tools.disabled = disabled;
    this.#refusal.hidden = !disabled;
    this.classList.toggle("is-disabled", disabled);
    if (disabled) {
      this.#completions.close();
    }
  }

  /** @param {Event} event the key or click that wanted it */
  #submit({ timeStamp }) {
    const body = cleanText(this.#body.value);
    if (this.#context.asks) {
      this.#context.insteadButton.focus();
      return;
    }
    if (this.isDisabled || body.trim() === "" || lengthOf(body) > this.#limit) {
      this.focus();
      return;
    }
    const typed = performance.timeOrigin + timeStamp;
    emit(this, "message-send", { body, replyTo: this.#replyingTo?.seq, typed });
    this.cancel();
    this.#write("");
    this.#keepDraft();
    this.focus();
  }

  #input() {
    this.#isTouched = true;
    this.#measure();
    this.#completions.complete();
    this.#keepDraft();
    if (this.#body.value !== "") {
      this.#tellTyping();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Enter also confirms a word of an input method; it must not send it.
    if (isComposing(event)) {
      return;
    }
    if (this.#completions.key(event.key)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (this.#tools.key(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && !isTouch()) {
      event.preventDefault();
      this.#submit(event);
    } else if (event.key === "ArrowUp" && this.#body.value === "") {
      event.preventDefault();
      emit(this, "edit-last-wanted");
    } else if (event.key === "Escape" && (this.#replyingTo || this.#context.asks)) {
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
    this.#drafts?.keep(this.#body.value);
  }

  /** Grows with the text, and counts when the limit is near. */
  #measure() {
    const body = this.#body;
    body.style.setProperty("block-size", "auto");
    body.style.setProperty("block-size", `${body.scrollHeight}px`);

    const length = lengthOf(body.value);
    const tooLong = length > this.#limit;
    const counter = find(this, ".composer-counter", HTMLElement);
    counter.textContent = length > this.#limit * COUNTER_FROM ? this.#count(length) : "";
    counter.classList.toggle("is-over", tooLong);
    body.ariaInvalid = String(tooLong);
    this.#send.disabled = body.disabled || tooLong || body.value.trim() === "";
  }

  /** @param {number} length */
  #count(length) {
    return interpolate(gettext("{length} of {limit}"), {
      length: length.toLocaleString(),
      limit: this.#limit.toLocaleString(),
    });
  }
}
