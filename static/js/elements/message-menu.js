import { emit, make } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { focusedAt, walkMenu } from "../helpers/menu-keys.js";

/** @import { Message } from "../protocol.js" */

/**
 * @typedef {{
 *   label: string, isDanger?: boolean, run: (message: Message, origin: HTMLElement) => void,
 * }} MenuAction `run` is given what the menu was opened by, too.
 */

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
  /** Whether a tap began since the sheet is open. */
  #isTapped = false;

  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "closed") {
        this.#origin?.setAttribute("aria-expanded", "false");
      }
    });
    const tap = (/** @type {Event} */ event) => this.#tap(event);
    for (const name of ["pointerdown", "click"]) {
      document.addEventListener(name, tap, { capture: true });
    }
  }

  /**
   * @param {Message} message
   * @param {{
   *   actions: MenuAction[], me: number, origin: HTMLElement, isSheet?: boolean,
   * }} circumstances `isSheet`: at the foot of the screen, for a finger
   */
  offer(message, { actions, me, origin, isSheet = false }) {
    this.#origin = origin;
    // A sheet opens under a finger that still rests: when that is lifted, it must not close.
    this.popover = isSheet ? "manual" : "auto";
    this.classList.toggle("is-sheet", isSheet);
    this.#isTapped = false;
    this.replaceChildren(
      ...(message.deleted ? [] : [this.#reactions(message, me)]),
      ...harmlessFirst(actions).map((action) => this.#item(message, action)),
    );
    this.showPopover();
    origin.setAttribute("aria-expanded", "true");
    if (!isSheet) {
      this.#position(origin);
    } else {
      this.style.removeProperty("top");
      this.style.removeProperty("left");
    }
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
      button.ariaLabel = interpolate(gettext("React with {emoji}"), { emoji });
      button.addEventListener("click", () => {
        this.#close();
        emit(this, "reaction-set", { message, emoji, on: !on });
      });
      return button;
    });
    const row = make("div", { className: "menu-reactions", role: "group" }, ...buttons);
    row.ariaLabel = gettext("React");
    return row;
  }

  /**
   * @param {Message} message
   * @param {MenuAction} action
   */
  #item(message, { label, isDanger, run }) {
    const className = isDanger ? "menu-item is-danger" : "menu-item";
    const button = make("button", { type: "button", role: "menuitem", className }, label);
    button.addEventListener("click", () => {
      this.#close();
      run(message, /** @type {HTMLElement} */ (this.#origin));
    });
    return button;
  }

  /**
   * A tap beside the sheet closes it, and does nothing else. The finger that opened the sheet presses
   * nothing of it when it is lifted.
   *
   * @param {Event} event
   */
  #tap(event) {
    if (!this.classList.contains("is-sheet") || !this.matches(":popover-open")) {
      return;
    }
    const isBeside = !this.contains(/** @type {Node} */ (event.target));
    const isLift = event.type === "click" && !this.#isTapped && isOfPointer(event);
    if (isBeside || isLift) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (event.type === "pointerdown") {
      this.#isTapped = true;
    } else if (isBeside && this.#isTapped) {
      this.#close();
    }
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
    const at = focusedAt(items);
    const quick = this.querySelectorAll(".menu-reactions button").length;
    const steps = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at < quick ? quick : at + 1,
      ArrowUp: at === quick ? 0 : at - 1,
      Home: 0,
      End: items.length - 1,
    };
    walkMenu(event, items, steps, () => this.#close());
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    }
  }
}

/**
 * @param {MenuAction[]} actions
 * @returns {MenuAction[]} what cannot be undone stands last, apart from what is pressed often
 */
function harmlessFirst(actions) {
  return [...actions].sort((a, b) => Number(a.isDanger ?? false) - Number(b.isDanger ?? false));
}

/** @param {Event} event @returns {boolean} whether a finger or a mouse made this click, and no key */
function isOfPointer(event) {
  return /** @type {MouseEvent} */ (event).detail > 0;
}
