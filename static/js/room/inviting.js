import { find } from "../helpers/dom.js";

/** @import { OpenRoom } from "./open-room.js" */

/** The server wrote the link, and its QR code, into a room in which nobody has said anything yet. */
export class Inviting {
  #room;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  follow() {
    const invite = document.querySelector(".invite");
    if (invite) {
      const field = find(invite, "input", HTMLInputElement);
      find(invite, "button", HTMLButtonElement).addEventListener("click", () => this.#copy(field));
    }
  }

  /** @param {HTMLInputElement} field */
  async #copy(field) {
    const { notices } = this.#room;
    try {
      await navigator.clipboard.writeText(field.value);
      notices.remark("Link copied.");
    } catch {
      field.select();
      notices.remark("Press Ctrl + C to copy it.");
    }
  }
}
