import { emit, make } from "../helpers/dom.js";

/** @import { Message } from "../protocol.js" */

const QUICK_REACTIONS = ["👍", "❤️", "😂", "🎉", "👀"];
/** Between the menu and what it hangs on. Pixels. */
const DISTANCE = 4;

/**
 * What can be done with a message: one menu for all of them. Runs the action that is chosen, and
 * tells `reaction-set` (detail: { message, emoji, on }).
 */
export class MessageMenu extends HTMLElement {
  /** @type {HTMLElement | null} */
  #origin = null;

  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "closed") {
        this.#origin?.setAttribute("aria-expanded", "false");
      }
    });
  }

  /**
   * @param {Message} message
   * @param {{
   *   actions: { label: string, isDanger?: boolean, run: (message: Message) => void }[],
   *   me: number, origin: HTMLElement,
   * }} circumstances
   */
  offer(message, { actions, me, origin }) {
    this.#origin = origin;
    this.replaceChildren(
      ...(message.deleted ? [] : [this.#reactions(message, me)]),
      ...actions.map((action) => this.#item(message, action)),
    );
    this.showPopover();
    origin.setAttribute("aria-expanded", "true");
    this.#position(origin);
    this.#items[0]?.focus();
  }

  /**
   * @param {Message} message
   * @param {number} me
   */
  #reactions(message, me) {
    const buttons = QUICK_REACTIONS.map((emoji) => {
      const held = message.reactions?.find((reaction) => reaction.emoji === emoji);
      const on = held?.members.some(({ id }) => id === me) ?? false;
      const button = make("button", { type: "button", role: "menuitemcheckbox" }, emoji);
      button.ariaChecked = String(on);
      button.ariaLabel = `React with ${emoji}`;
      button.addEventListener("click", () => {
        this.#close();
        emit(this, "reaction-set", { message, emoji, on: !on });
      });
      return button;
    });
    const row = make("div", { className: "menu-reactions", role: "group" }, ...buttons);
    row.ariaLabel = "React";
    return row;
  }

  /**
   * @param {Message} message
   * @param {{ label: string, isDanger?: boolean, run: (message: Message) => void }} action
   */
  #item(message, { label, isDanger, run }) {
    const className = isDanger ? "menu-item is-danger" : "menu-item";
    const button = make("button", { type: "button", role: "menuitem", className }, label);
    button.addEventListener("click", () => {
      this.#close();
      run(message);
    });
    return button;
  }

  get #items() {
    return [...this.querySelectorAll("button")];
  }

  #close() {
    this.hidePopover();
    this.#origin?.focus();
  }

  /** @param {HTMLElement} origin */
  #position(origin) {
    const place = origin.getBoundingClientRect();
    const size = this.getBoundingClientRect();
    const below = place.bottom + DISTANCE;
    const top = below + size.height > innerHeight ? place.top - size.height - DISTANCE : below;
    const left = Math.min(place.right - size.width, innerWidth - size.width - DISTANCE);
    this.style.setProperty("top", `${Math.max(DISTANCE, top)}px`);
    this.style.setProperty("left", `${Math.max(DISTANCE, left)}px`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const items = this.#items;
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const quick = this.querySelectorAll(".menu-reactions button").length;
    /** @type {Record<string, number>} */
    const steps = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at < quick ? quick : at + 1,
      ArrowUp: at === quick ? 0 : at - 1,
      Home: 0,
      End: items.length - 1,
    };
    const next = steps[event.key];
    if (next !== undefined) {
      event.preventDefault();
      items[(next + items.length) % items.length]?.focus();
    } else if (event.key === "Tab") {
      event.preventDefault();
      this.#close();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    }
  }
}
