import { emit, fillAvatar, make } from "../helpers/dom.js";

/** @import { MemberRef } from "../protocol.js" */

/**
 * The names that may be meant by what was typed after an at sign. The text field keeps the focus; it
 * says by aria-activedescendant which one is chosen. Tells `name-chosen` (detail: the name).
 */
export class NameCompletion extends HTMLElement {
  /** @type {MemberRef[]} */
  #members = [];
  #chosen = 0;

  connectedCallback() {
    // The text field must not lose the focus to a click.
    this.addEventListener("pointerdown", (event) => event.preventDefault());
    this.addEventListener("click", (event) => {
      const option = /** @type {Element} */ (event.target).closest("[role=option]");
      if (option) {
        this.#chosen = [...this.children].indexOf(option);
        this.choose();
      }
    });
  }

  get isOpen() {
    return !this.hidden;
  }

  /** @returns {string} the id of the option that Enter would take */
  get activeId() {
    return this.isOpen ? `name-${this.#chosen}` : "";
  }

  /** @param {MemberRef[]} members none: nothing is suggestions */
  offer(members) {
    this.#members = members;
    this.#chosen = 0;
    this.hidden = members.length === 0;
    this.replaceChildren(...members.map((member, index) => option(member, index)));
    this.#mark();
  }

  /** @param {number} step */
  move(step) {
    const count = this.#members.length;
    this.#chosen = (this.#chosen + step + count) % count;
    this.#mark();
  }

  choose() {
    const name = this.#members[this.#chosen]?.name;
    this.offer([]);
    if (name) {
      emit(this, "name-chosen", name);
    }
  }

  #mark() {
    [...this.children].forEach((child, index) => {
      child.ariaSelected = String(index === this.#chosen);
    });
    this.children[this.#chosen]?.scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {MemberRef} member
 * @param {number} index
 */
function option(member, index) {
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  fillAvatar(avatar, member);
  const name = make("span", { className: "completion-name", dir: "auto" }, member.name);
  const element = make("div", { id: `name-${index}`, className: "completion-option" });
  element.role = "option";
  element.append(avatar, name);
  return element;
}
