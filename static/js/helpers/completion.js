import { CompletionList } from "../elements/completion-list.js";
import { suggestions, triggerAt } from "../models/completion.js";
import { fillAvatar, find, icon, make } from "./dom.js";
import { emojiNamed } from "./emoji-names.js";
import { gettext } from "./i18n.js";
import { replaceText } from "./text-field.js";

/** @import { Completion } from "../elements/completion-list.js" */
/** @import { MemberRef } from "../protocol.js" */

/**
 * @typedef {{ key: string, name: string }} RoomRef
 * @typedef {{
 *   people: () => MemberRef[], rooms: () => RoomRef[], mayCallEveryone: () => boolean,
 * }} Known The likeliest first.
 */

/** Completes people after an at sign, rooms after a hash and emoji after a colon. */
export class Completions {
  #field;
  #list;
  /** Shown where nobody has such a name. */
  #none;
  /** @type {Known} */
  #known = { people: () => [], rooms: () => [], mayCallEveryone: () => false };

  /**
   * @param {ParentNode} composer
   * @param {HTMLTextAreaElement} field
   */
  constructor(composer, field) {
    this.#field = field;
    this.#list = find(composer, "completion-list", CompletionList);
    this.#none = find(composer, ".completion-none", HTMLElement);
    field.addEventListener("blur", () => this.close());
    this.#list.addEventListener("completion-chosen", (event) => {
      this.#take(/** @type {CustomEvent} */ (event).detail);
    });
  }

  /** @param {Known} known */
  set known(known) {
    this.#known = known;
    this.close();
  }

  close() {
    this.#offer([]);
    this.#none.hidden = true;
  }

  /** The text has changed. */
  async complete() {
    const trigger = this.#trigger;
    if (trigger?.sign === "@") {
      const people = suggestions(trigger.typed, this.#known.people()).map(completedPerson);
      const everyone = this.#known.mayCallEveryone() ? everyoneFor(trigger.typed) : [];
      const all = [...people.slice(0, 8 - everyone.length), ...everyone];
      this.#offer(all, gettext("People"));
      this.#none.hidden = trigger.typed === "" || all.length > 0;
    } else if (trigger?.sign === "#") {
      this.#none.hidden = true;
      const rooms = suggestions(trigger.typed, this.#known.rooms());
      this.#offer(rooms.map(completedRoom), gettext("Rooms"));
    } else if (trigger?.sign === ":") {
      this.#none.hidden = true;
      const emoji = await emojiNamed(trigger.typed);
      // The names may have come late.
      if (this.#trigger?.typed === trigger.typed && document.activeElement === this.#field) {
        this.#offer(emoji.slice(0, 8).map(completedEmoji), gettext("Emoji"));
      }
    } else {
      this.close();
    }
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the key meant the list
   */
  key(key) {
    if (!this.#list.isOpen) {
      return false;
    }
    switch (key) {
      case "ArrowDown":
      case "ArrowUp":
        this.#list.move(key === "ArrowDown" ? 1 : -1);
        break;
      case "Enter":
      case "Tab":
        this.#list.choose();
        break;
      case "Escape":
        this.#list.offer([]);
        break;
      default:
        return false;
    }
    this.#point();
    return true;
  }

  get #trigger() {
    const { value, selectionStart, selectionEnd } = this.#field;
    return selectionStart === selectionEnd ? triggerAt(value, selectionStart) : null;
  }

  /**
   * @param {Completion[]} completions
   * @param {string} [label]
   */
  #offer(completions, label) {
    this.#list.offer(completions, label);
    this.#point();
  }

  #point() {
    const { activeId } = this.#list;
    if (activeId) {
      this.#field.setAttribute("aria-activedescendant", activeId);
    } else {
      this.#field.removeAttribute("aria-activedescendant");
    }
  }

  /** @param {Completion} completion */
  #take({ text }) {
    const trigger = this.#trigger;
    if (trigger) {
      replaceText(this.#field, trigger.from, this.#field.selectionStart, `${text} `);
    }
  }
}

/** @param {MemberRef & { handle?: string }} member whose handle is unmistakable and has no spaces */
function completedPerson(member) {
  const { name, handle } = member;
  const mark = make("span", { className: "avatar is-small" });
  fillAvatar(mark, member);
  const note = handle ? { note: `@${handle}` } : {};
  return { label: name, ...note, mark, text: `@${handle ?? name}` };
}

/**
 * @param {string} typed
 * @returns {Completion[]} the words that call everyone
 */
function everyoneFor(typed) {
  const words = [
    { name: "here", note: gettext("Notify everyone who is here now") },
    { name: "room", note: gettext("Notify every member of this room") },
  ];
  return words
    .filter(({ name }) => name.startsWith(typed.toLowerCase()))
    .map(({ name, note }) => ({ label: `@${name}`, note, mark: icon("people"), text: `@${name}` }));
}

/** @param {RoomRef} room */
function completedRoom({ key, name }) {
  const address = new URL(`/rooms/${key}/`, location.href).href;
  return { label: name, mark: "#", text: `[#${name.replace(/[[\]\\]/g, "\\$&")}](${address})` };
}

/** @param {{ emoji: string, name: string }} named */
function completedEmoji({ emoji, name }) {
  return { label: `:${name}:`, mark: emoji, text: emoji };
}
