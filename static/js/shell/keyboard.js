import { isComposing } from "../helpers/dom.js";
import { showDialog } from "./dialogs.js";

/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */

/** Keys that mean the same wherever they are pressed. */
export class Keyboard {
  #list;
  #composer;

  /** @param {{ list: MessageList, composer: MessageComposer }} parts */
  constructor({ list, composer }) {
    this.#list = list;
    this.#composer = composer;
  }

  connect() {
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #showShortcuts() {
    showDialog("#shortcuts", () => this.#composer.focus());
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, altKey, ctrlKey, metaKey } = event;
    const busy =
      document.activeElement?.matches("input, textarea, select") ||
      document.querySelector("dialog[open], :popover-open") !== null;
    if (busy || altKey || ctrlKey || metaKey || isComposing(event)) {
      return;
    }
    if (key === "?") {
      event.preventDefault();
      this.#showShortcuts();
    } else if (key === "Escape") {
      this.#list.toEnd();
      this.#composer.focus();
    } else if (key.length === 1 && key !== " ") {
      // The letter itself arrives there.
      this.#composer.focus();
    }
  }
}
