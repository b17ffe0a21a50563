import { isComposing } from "../helpers/dom.js";
import { showDialog } from "./dialogs.js";

/** @import { OpenRoom } from "./open-room.js" */

/** Keys that mean the same wherever they are pressed. */
export class Keyboard {
  #room;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  connect() {
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, altKey, ctrlKey, metaKey } = event;
    const { list, composer } = this.#room;
    const busy =
      document.activeElement?.matches("input, textarea, select") ||
      document.querySelector("dialog[open], :popover-open") !== null;
    if (busy || altKey || ctrlKey || metaKey || isComposing(event)) {
      return;
    }
    if (key === "?") {
      event.preventDefault();
      showDialog(this.#room, "#shortcuts");
    } else if (key === "Escape") {
      list.toEnd();
      composer.focus();
    } else if (key.length === 1 && key !== " ") {
      // The letter itself arrives there.
      composer.focus();
    }
  }
}
