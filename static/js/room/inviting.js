import { find } from "../helpers/dom.js";

/** @import { OpenRoom } from "./open-room.js" */

/** The link to a room in which nobody has said anything yet. */
export class Inviting {
  #room;
  #invite = find(document, ".invite", HTMLElement);

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  follow() {
    find(this.#invite, "input", HTMLInputElement).value = this.#link;
    find(this.#invite, "button", HTMLButtonElement).addEventListener("click", () => this.#copy());
  }

  get #link() {
    return location.origin + this.#room.address;
  }

  async #copy() {
    const { notices } = this.#room;
    try {
      await navigator.clipboard.writeText(this.#link);
      notices.remark("Link copied.");
    } catch {
      find(this.#invite, "input", HTMLInputElement).select();
      notices.remark("Press Ctrl + C to copy it.");
    }
  }
}
