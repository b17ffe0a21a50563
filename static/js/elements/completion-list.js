import { emit, make } from "../helpers/dom.js";

/**
 * @typedef {{ label: string, mark: string | Node, text: string, note?: string }} Completion `mark`:
 *   shown before the label; `text`: what is written when it is chosen; `note`: what it does
 */

/**
 * What may be meant by what was typed: people, rooms or emoji. The text field keeps the focus; it says by
 * aria-activedescendant which one is chosen. Emits `completion-chosen` (detail: the completion).
 */
export class CompletionList extends HTMLElement {
  /** @type {Completion[]} */
  #completions = [];
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
    return this.isOpen ? `completion-${this.#chosen}` : "";
  }

  /**
   * @param {Completion[]} completions none: nothing is offered
   * @param {string} label what they are
   */
  offer(completions, label = "") {
    this.#completions = completions;
    this.#chosen = 0;
    this.ariaLabel = label;
    this.hidden = completions.length === 0;
    this.replaceChildren(...completions.map((completion, index) => option(completion, index)));
    this.#mark();
  }

  /** @param {number} step */
  move(step) {
    const count = this.#completions.length;
    this.#chosen = (this.#chosen + step + count) % count;
    this.#mark();
  }

  choose() {
    const chosen = this.#completions[this.#chosen];
    this.offer([]);
    if (chosen) {
      emit(this, "completion-chosen", chosen);
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
 * @param {Completion} completion
 * @param {number} index
 */
function option({ label, mark, note }, index) {
  const before = make("span", { className: "completion-mark", ariaHidden: "true" }, mark);
  const name = make("span", { className: "completion-name", dir: "auto" }, label);
  const element = make("div", { id: `completion-${index}`, className: "completion-option" });
  element.role = "option";
  element.append(before, name);
  if (note) {
    element.append(" ", make("span", { className: "completion-note" }, note));
  }
  return element;
}
