import { find, make } from "../helpers/dom.js";
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { momentText } from "../helpers/time.js";
import { Command } from "../protocol.js";
import { refusalText } from "./refusals.js";

/** @import { InvitationEntry } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/**
 * Links into a private room, in its Invite dialog: made with an end and a number of uses, shown once,
 * and taken back. A public room needs none: its address is the link.
 */
export class RoomInvitations {
  #parts;
  #dialog = find(document, "#invite", HTMLDialogElement);
  #form = find(this.#dialog, ".invitation-form", HTMLElement);
  #list = find(this.#dialog, ".invitation-list", HTMLUListElement);
  #status = find(this.#dialog, ".invitation-status", HTMLElement);
  #link = find(this.#dialog, ".invitation-link", HTMLElement);
  #code = find(this.#dialog, ".invitation-code", HTMLImageElement);

  /** @param {{ current: CurrentRoom, requests: Requests }} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    // In the menu of the room, and below the list of rooms.
    const openers = /** @type {NodeListOf<HTMLElement>} */ (
      document.querySelectorAll("[data-dialog=invite]")
    );
    for (const opener of openers) {
      opener.addEventListener("click", () => this.#open());
    }
    this.#parts.current.follow(({ kind }) => {
      for (const opener of openers) {
        // A direct conversation is between those who are in it.
        opener.hidden = kind === "direct";
      }
    });
    find(this.#form, "button", HTMLButtonElement).addEventListener("click", () => this.#create());
  }

  get #room() {
    return this.#parts.current.session.key;
  }

  #open() {
    const { kind, permissions } = this.#parts.current.session;
    const isPrivate = kind === "private";
    this.#form.hidden = !isPrivate || !permissions.mayInvite;
    this.#hideLink();
    this.#list.replaceChildren();
    this.#status.textContent = "";
    find(this.#dialog, ".public-link", HTMLElement).hidden = isPrivate;
    if (isPrivate && permissions.mayInvite) {
      this.#load();
    } else if (isPrivate) {
      this.#status.textContent = permissions.archived
        ? gettext("This room is archived. Nobody can be invited until it is restored.")
        : gettext("Only owners and moderators of this room invite people. Ask one of them.");
    }
  }

  /** Nobody comes in by it, or it belongs to another room. */
  #hideLink() {
    this.#link.hidden = true;
    this.#code.hidden = true;
    this.#code.removeAttribute("src");
  }

  async #load() {
    try {
      const question = { type: Command.LIST_INVITATIONS, room: this.#room };
      const { invitations } = await this.#parts.requests.ask(question);
      this.#list.replaceChildren(
        ...invitations.map((/** @type {InvitationEntry} */ one) => this.#item(one)),
      );
    } catch (error) {
      this.#status.textContent = refusalText(error);
    }
  }

  async #create() {
    const chosen = (/** @type {string} */ name) =>
      Number(find(this.#form, `[name=${name}]`, HTMLSelectElement).value);
    const uses = chosen("uses");
    try {
      const { path, invitation } = await this.#parts.requests.ask({
        type: Command.CREATE_INVITATION,
        room: this.#room,
        seconds: chosen("seconds"),
        ...(uses && { uses }),
      });
      const field = find(this.#link, "input", HTMLInputElement);
      field.value = `${location.origin}${path}`;
      this.#link.hidden = false;
      this.#code.src = `${path}qr.svg`;
      this.#code.hidden = false;
      field.select();
      this.#list.prepend(this.#item(invitation));
      this.#status.textContent = gettext(
        "Copy the link or show its code now: both are shown only once.",
      );
    } catch (error) {
      this.#status.textContent = refusalText(error);
    }
  }

  /** @param {InvitationEntry} invitation */
  #item({ id, expires_at, uses_left, creator }) {
    const until = momentText(Date.parse(expires_at));
    const facts = [
      interpolate(gettext("Valid until {time}"), { time: until }),
      uses_left === undefined
        ? gettext("any number of people")
        : ngettext("{count} use left", "{count} uses left", uses_left),
      ...(creator ? [interpolate(gettext("by {name}"), { name: creator.name })] : []),
    ];
    const button = make("button", { type: "button", className: "button is-small" });
    button.textContent = gettext("Revoke");
    const item = make("li", { className: "member-item" });
    item.append(make("span", { className: "member-name" }, facts.join(" · ")), button);
    button.addEventListener("click", () => this.#revoke(id, item));
    return item;
  }

  /**
   * @param {number} invitation
   * @param {HTMLElement} item
   */
  async #revoke(invitation, item) {
    try {
      await this.#parts.requests.ask({ type: Command.REVOKE_INVITATION, invitation });
      item.remove();
      this.#hideLink();
      this.#status.textContent = gettext("The link does not work any more.");
    } catch (error) {
      this.#status.textContent = refusalText(error);
    }
  }
}
