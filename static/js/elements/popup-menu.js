import { focusedAt, walkMenu } from "../helpers/menu-keys.js";

/** Between the menu and its button. Pixels. */
const DISTANCE = 4;

/**
 * A menu of buttons that another button opens by `popovertarget`. It stands under that button, goes
 * by arrow keys, and closes when one of its buttons is pressed.
 */
export class PopupMenu extends HTMLElement {
  connectedCallback() {
    this.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "open") {
        this.#position();
        this.#items[0]?.focus();
      }
    });
    this.addEventListener("click", () => this.#close());
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  get #items() {
    return [...this.querySelectorAll("button")].filter((item) => item.checkVisibility());
  }

  #close() {
    if (this.matches(":popover-open")) {
      this.hidePopover();
    }
  }

  #position() {
    const button = document.querySelector(`[popovertarget="${this.id}"]`);
    if (button) {
      const place = button.getBoundingClientRect();
      const size = this.getBoundingClientRect();
      const isMirrored = getComputedStyle(this).direction === "rtl";
      const start = isMirrored ? place.left : place.right - size.width;
      const most = innerWidth - size.width - DISTANCE;
      this.style.setProperty("top", `${place.bottom + DISTANCE}px`);
      this.style.setProperty("left", `${Math.max(DISTANCE, Math.min(start, most))}px`);
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const items = this.#items;
    const at = focusedAt(items);
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    walkMenu(event, items, steps, () => this.#close());
  }
}
