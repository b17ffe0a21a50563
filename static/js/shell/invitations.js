import { copyText } from "../helpers/clipboard.js";
import { find } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";

/** @import { Notices } from "../helpers/notices.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** A room in which nobody has said anything yet shows the link to it. */
export class Invitations {
  #current;
  #notices;

  /** @param {{ current: CurrentRoom, notices: Notices }} parts */
  constructor({ current, notices }) {
    this.#current = current;
    this.#notices = notices;
  }

  connect() {
    this.#current.follow(({ address }) => {
      // Of the dialog, and of the empty room if the server wrote one.
      for (const field of document.querySelectorAll("#invite .public-link input, .invite input")) {
        /** @type {HTMLInputElement} */ (field).value = `${location.origin}${address}`;
      }
      const code = find(document, "#invite .invite-code", HTMLImageElement);
      code.src = code.src.replace(/\/rooms\/[^/]+\//, address);
    });
    const invite = document.querySelector(".invite");
    if (invite) {
      this.#offerLink(invite);
    }
  }

  /** @param {Element} invite */
  #offerLink(invite) {
    const field = find(invite, "input", HTMLInputElement);
    find(invite, "button", HTMLButtonElement).addEventListener("click", () =>
      copy(field, this.#notices),
    );
    // The server drew the code of one room.
    const { session } = this.#current;
    this.#current.follow((shown) => {
      find(invite, ".invite-code", HTMLElement).hidden = shown !== session;
    });
  }
}

/**
 * @param {HTMLInputElement} field
 * @param {Notices} notices
 */
async function copy(field, notices) {
  if (await copyText(field.value)) {
    notices.toast(gettext("Link copied."));
  } else {
    field.select();
    notices.toast(gettext("Press Ctrl + C to copy it."));
  }
}
