import { find, make } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { memberFace } from "../helpers/member-face.js";
import { Command } from "../protocol.js";
import { refusalText } from "./refusals.js";

/** @import { MemberRef } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Contacts } from "./contacts.js" */

/** Blocked people, from the account menu: whom I do not hear from, and an end to it. */
export class BlockedPeople {
  #parts;
  #dialog = find(document, "#blocked-people", HTMLDialogElement);
  #list = find(this.#dialog, ".member-list", HTMLUListElement);
  #status = find(this.#dialog, ".member-status", HTMLElement);

  /** @param {{ requests: Requests, contacts: Contacts }} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const entry = find(document, ".account-menu [data-dialog=blocked-people]", HTMLElement);
    entry.addEventListener("click", () => this.#load());
  }

  async #load() {
    this.#list.replaceChildren();
    this.#status.textContent = "";
    try {
      /** @type {{ members: MemberRef[] }} */
      const { members } = await this.#parts.requests.ask({ type: Command.LIST_BLOCKED });
      this.#list.replaceChildren(...members.map((member) => this.#item(member)));
      this.#status.textContent =
        members.length === 0
          ? gettext("You have blocked nobody. The card behind a name does that.")
          : "";
    } catch (error) {
      this.#status.textContent = refusalText(error);
    }
  }

  /** @param {MemberRef} member */
  #item(member) {
    const button = make("button", { type: "button", className: "button is-small" });
    button.append(
      gettext("Unblock"),
      make("bdi", { className: "visually-hidden" }, ` ${member.name}`),
    );
    const item = make("li", { className: "member-item" }, ...memberFace(member), button);
    button.addEventListener("click", async () => {
      const outcome = await this.#parts.contacts.block(member, false);
      this.#status.replaceChildren(...outcome.said);
      if (outcome.done) {
        item.remove();
        find(this.#dialog, ".dialog-actions button", HTMLButtonElement).focus();
      }
    });
    return item;
  }
}
