import { emit, fillAvatar, find, isComposing, make } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { matchingPlaces } from "../models/places.js";

/** @import { Place } from "../models/places.js" */

/**
 * Jump to a room or a person by a few letters. It is within a dialog, which it closes. Emits
 * `place-chosen` (detail: the place).
 */
export class QuickSwitcher extends HTMLElement {
  /** @type {readonly Place[]} */
  #places = [];
  /** @type {Place[]} */
  #found = [];
  #at = 0;

  connectedCallback() {
    this.#field.addEventListener("input", () => this.#search());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    // The field must not lose the focus to a click.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const option = /** @type {Element} */ (target).closest("[role=option]");
      if (option) {
        this.#choose([...this.#list.children].indexOf(option));
      }
    });
  }

  /** @param {readonly Place[]} places in the order of the page */
  open(places) {
    this.#places = places;
    this.#field.value = "";
    this.closest("dialog")?.showModal();
    this.#field.focus();
    this.#search();
  }

  get #field() {
    return find(this, "input", HTMLInputElement);
  }

  get #list() {
    return find(this, "[role=listbox]", HTMLElement);
  }

  #search() {
    this.#found = matchingPlaces(this.#places, this.#field.value);
    this.#list.replaceChildren(...this.#found.map(option));
    find(this, ".switcher-none", HTMLElement).hidden = this.#found.length > 0;
    this.#mark(0);
  }

  /** @param {number} at */
  #mark(at) {
    const options = [...this.#list.children];
    this.#at = (at + options.length) % Math.max(options.length, 1);
    options.forEach((element, index) => {
      element.ariaSelected = String(index === this.#at);
    });
    options[this.#at]?.scrollIntoView({ block: "nearest" });
    this.#field.setAttribute("aria-activedescendant", options[this.#at]?.id ?? "");
  }

  /** @param {number} at */
  #choose(at) {
    const place = this.#found[at];
    if (place) {
      this.closest("dialog")?.close();
      emit(this, "place-chosen", place);
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposing(event)) {
      return;
    }
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowDown: () => this.#mark(this.#at + 1),
      ArrowUp: () => this.#mark(this.#at - 1),
      Enter: () => this.#choose(this.#at),
    };
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  }
}

/**
 * @param {Place} place
 * @param {number} index
 */
function option(place, index) {
  const name = make("bdi", { className: "completion-name" }, place.name);
  const element = make("li", { id: `place-${index}`, className: "completion-option" });
  element.role = "option";
  element.append(mark(place), name);
  if (place.kind === "room" && place.isUnread) {
    const unread = make("span", { className: "visually-hidden" }, gettext(", new messages"));
    element.append(make("span", { className: "unread-dot" }, unread));
  }
  return element;
}

/** @param {Place} place */
function mark(place) {
  if (place.kind === "person") {
    const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
    fillAvatar(avatar, place);
    return avatar;
  }
  return make("span", { className: "room-mark", ariaHidden: "true" }, place.isPrivate ? "🔒" : "#");
}
