import { NameCompletion } from "../elements/name-completion.js";
import { mentionAt, suggestions } from "../models/name-completion.js";
import { find } from "./dom.js";

/** @import { MemberRef } from "../protocol.js" */

/** Names after an @ in a text field are completed by the list beside it. */
export class NameSuggestions {
  #field;
  #names;
  /** Said where nobody has such a name. */
  #none;
  #known;
  #changed;

  /**
   * @param {ParentNode} composer
   * @param {{ field: HTMLTextAreaElement, known: () => MemberRef[], changed: () => void }} parts
   *   `known`: whose names are completed, the likeliest first; `changed`: a name was put in
   */
  constructor(composer, { field, known, changed }) {
    this.#names = find(composer, "name-completion", NameCompletion);
    this.#none = find(composer, ".completion-none", HTMLElement);
    this.#field = field;
    this.#known = known;
    this.#changed = changed;
    field.addEventListener("blur", () => this.#offer([]));
    this.#names.addEventListener("name-chosen", (event) => {
      this.#take(/** @type {CustomEvent} */ (event).detail);
    });
  }

  /** The text has changed. */
  complete() {
    const { value, selectionStart, selectionEnd } = this.#field;
    const call = selectionStart === selectionEnd ? mentionAt(value, selectionStart) : null;
    const known = call ? this.#known() : [];
    const names = suggestions(
      call?.typed ?? "",
      known.map(({ name }) => name),
    );
    this.#offer(names.flatMap((name) => known.find((member) => member.name === name) ?? []));
    this.#none.hidden = !call?.typed || names.length > 0;
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the key meant the list of names
   */
  key(key) {
    if (!this.#names.isOpen) {
      return false;
    }
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
    this.#point();
    return true;
  }

  /** @param {MemberRef[]} members */
  #offer(members) {
    this.#none.hidden = true;
    this.#names.offer(members);
    this.#point();
  }

  #point() {
    const { activeId } = this.#names;
    if (activeId) {
      this.#field.setAttribute("aria-activedescendant", activeId);
    } else {
      this.#field.removeAttribute("aria-activedescendant");
    }
  }

  /** @param {string} name */
  #take(name) {
    const call = mentionAt(this.#field.value, this.#field.selectionStart);
    if (call) {
      this.#field.setRangeText(`@${name} `, call.from, this.#field.selectionStart, "end");
      this.#changed();
    }
  }
}
