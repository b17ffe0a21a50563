import { find } from "../helpers/dom.js";

/** @import { Notices } from "../helpers/notices.js" */
/** @import { OpenRoom } from "./open-room.js" */

/** The server wrote the link, and its QR code, into a room in which nobody has said anything yet. */
export class Invitations {
  #room;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  connect() {
    copyInvitation(this.#room.notices);
  }
}

/** @param {Notices} notices where it is said that the link was copied */
export function copyInvitation(notices) {
  const invite = document.querySelector(".invite");
  if (invite) {
    const field = find(invite, "input", HTMLInputElement);
    find(invite, "button", HTMLButtonElement).addEventListener("click", () => copy(field, notices));
  }
}

/**
 * @param {HTMLInputElement} field
 * @param {Notices} notices
 */
async function copy(field, notices) {
  try {
    await navigator.clipboard.writeText(field.value);
    notices.toast("Link copied.");
  } catch {
    field.select();
    notices.toast("Press Ctrl + C to copy it.");
  }
}
