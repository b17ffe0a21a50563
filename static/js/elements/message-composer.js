import { find, isComposing, isolated, isTouch, tell } from "../helpers/dom.js";
import { lengthOf } from "../helpers/text.js";
import { throttle } from "../helpers/timing.js";
import { callAt, offered } from "../models/completion.js";
import { NameCompletion } from "./name-completion.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Shelf } from "../models/outbox.js" */

/** milliseconds */
const TYPING_INTERVAL = 1_000;
/** The counter shows when this part of the limit is used. */
const COUNTER_FROM = 0.8;

/**
 * Where a member writes. Tells `message-send` (detail: { body, replyTo, typed }: `typed`, when),
 * `message-edit` (detail: { message, body }), `edit-last-wanted` and `typing`.
 */
export class MessageComposer extends HTMLElement {
  #limit = Number.POSITIVE_INFINITY;
  /** @type {Shelf | null} */ #shelf = null;
  #draftKey = "";
  /** @type {Message | null} */ #editing = null;
  /** @type {Message | null} */ #replyingTo = null;
  // What was held back is told only of a text that is still there.
  #tellTyping = throttle(() => {
    if (this.#body.value !== "") {
      tell(this, "typing");
    }
  }, TYPING_INTERVAL);

  /** @type {() => MemberRef[]} */ #known = () => [];

  /**
   * @param {{ limit: number, shelf: Shelf, draftKey: string, known: () => MemberRef[] }} settings
   *   `known`: whose names are completed, the likeliest first
   */
  open({ limit, shelf, draftKey, known }) {
    this.#limit = limit;
    this.#known = known;
    this.#shelf = shelf;
    this.#draftKey = draftKey;
    this.#form.noValidate = true;
    this.#body.enterKeyHint = isTouch() ? "enter" : "send";
    this.#body.value ||= shelf.getItem(draftKey) ?? "";
    this.#measure();

    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(event);
    });
    this.#body.addEventListener("input", () => this.#input());
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    this.#body.addEventListener("blur", () => this.#offerNames([]));
    this.#names.addEventListener("name-chosen", (event) => {
      this.#takeName(/** @type {CustomEvent} */ (event).detail);
    });
    find(this, ".composer-context button", HTMLButtonElement).addEventListener("click", () => {
      this.cancel();
      this.focus();
    });
  }

  /** @param {string} reason why nothing can be written here any more */
  close(reason) {
    this.cancel();
    this.#body.disabled = true;
    this.#body.placeholder = reason;
    find(this, ".composer-send", HTMLButtonElement).disabled = true;
  }

  /** @param {Message} message */
  edit(message) {
    this.#editing = message;
    this.#replyingTo = null;
    this.#write(message.body);
    this.#explain(["Editing"], "Esc cancels");
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
    this.#explain(["Replying to ", isolated(message.author.name), ":"], quote);
    this.focus();
  }

  /** Back to writing something new. */
  cancel() {
    const wasEditing = this.#editing !== null;
    this.#editing = null;
    this.#replyingTo = null;
    find(this, ".composer-context", HTMLElement).hidden = true;
    if (wasEditing) {
      this.#write(this.#shelf?.getItem(this.#draftKey) ?? "");
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

  get #names() {
    return find(this, "name-completion", NameCompletion);
  }

  get #body() {
    return find(this, "textarea", HTMLTextAreaElement);
  }

  /** @param {Event} event the key or click that wanted it */
  #submit({ timeStamp }) {
    const body = this.#body.value;
    if (body.trim() === "" || lengthOf(body) > this.#limit) {
      this.focus();
      return;
    }
    if (this.#editing) {
      tell(this, "message-edit", { message: this.#editing, body });
      this.cancel();
    } else {
      const typed = performance.timeOrigin + timeStamp;
      tell(this, "message-send", { body, replyTo: this.#replyingTo?.seq, typed });
      this.cancel();
      this.#write("");
      this.#keepDraft();
    }
    this.focus();
  }

  #input() {
    this.#measure();
    this.#completeName();
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
    if (this.#names.isOpen && this.#walkNames(event.key)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && !isTouch()) {
      event.preventDefault();
      this.#submit(event);
    } else if (event.key === "ArrowUp" && this.#body.value === "" && !this.#editing) {
      event.preventDefault();
      tell(this, "edit-last-wanted");
    } else if (event.key === "Escape" && (this.#editing || this.#replyingTo)) {
      event.preventDefault();
      this.cancel();
    }
  }

  // Names after an @

  #completeName() {
    const { value, selectionStart, selectionEnd } = this.#body;
    const call = selectionStart === selectionEnd ? callAt(value, selectionStart) : null;
    const known = call ? this.#known() : [];
    const names = offered(
      call?.typed ?? "",
      known.map(({ name }) => name),
    );
    this.#offerNames(names.flatMap((name) => known.find((member) => member.name === name) ?? []));
    find(this, ".completion-none", HTMLElement).hidden = !call?.typed || names.length > 0;
  }

  /** @param {MemberRef[]} members */
  #offerNames(members) {
    find(this, ".completion-none", HTMLElement).hidden = true;
    this.#names.offer(members);
    this.#pointToName();
  }

  #pointToName() {
    const { activeId } = this.#names;
    if (activeId) {
      this.#body.setAttribute("aria-activedescendant", activeId);
    } else {
      this.#body.removeAttribute("aria-activedescendant");
    }
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the key meant the list of names
   */
  #walkNames(key) {
    switch (key) {
      case "ArrowDown":
      case "ArrowUp":
        this.#names.move(key === "ArrowDown" ? 1 : -1);
        break;
      case "Enter":
      case "Tab":
        this.#names.choose();
        break;
      case "Escape":
        this.#names.offer([]);
        break;
      default:
        return false;
    }
    this.#pointToName();
    return true;
  }

  /** @param {string} name */
  #takeName(name) {
    const call = callAt(this.#body.value, this.#body.selectionStart);
    if (call) {
      this.#body.setRangeText(`@${name} `, call.from, this.#body.selectionStart, "end");
      this.#input();
    }
  }

  /** @param {string} text */
  #write(text) {
    this.#body.value = text;
    this.#measure();
  }

  #keepDraft() {
    if (this.#editing) {
      return;
    }
    if (this.#body.value === "") {
      this.#shelf?.removeItem(this.#draftKey);
    } else {
      this.#shelf?.setItem(this.#draftKey, this.#body.value);
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

  /**
   * @param {(string | Node)[]} purpose
   * @param {string} subject
   */
  #explain(purpose, subject) {
    find(this, ".composer-purpose", HTMLElement).replaceChildren(...purpose);
    find(this, ".composer-subject", HTMLElement).textContent = subject;
    find(this, ".composer-context", HTMLElement).hidden = false;
  }
}
