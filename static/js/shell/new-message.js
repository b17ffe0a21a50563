import { find, make } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";
import { MemberSearch } from "./member-search.js";
import { showOpened } from "./new-room.js";

/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { MemberRef } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Navigation } from "./navigation.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** New message: one or several people are chosen, and the conversation with them is on the screen. */
export class NewMessage {
  #parts;
  #dialog;
  #search;
  /** @type {Map<number, MemberRef>} */
  #chosen = new Map();

  /**
   * @param {{
   *   me: MemberRef, requests: Requests, sessions: RoomSessions, directory: RoomDirectory,
   *   navigation: Navigation, focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#dialog = new FormDialog("#new-message", {
      submit: () => this.#write(),
      focusBack: parts.focusBack,
    });
    const { form } = this.#dialog;
    this.#search = new MemberSearch({
      ...parts,
      field: find(form, "input", HTMLInputElement),
      list: find(form, ".member-offers", HTMLUListElement),
      status: find(form, ".member-status", HTMLElement),
      isOffered: ({ id }) => !this.#chosen.has(id),
      choose: (member) => this.#choose(member),
    });
  }

  connect() {
    this.#search.connect();
    find(document, "#new-message-button", HTMLButtonElement).addEventListener("click", () => {
      this.#chosen.clear();
      this.#dialog.open();
      this.#search.clear();
      this.#draw();
    });
  }

  async #write() {
    const { requests, directory, navigation } = this.#parts;
    const members = [...this.#chosen.keys()];
    const { entry } = await requests.ask({ type: Command.OPEN_DIRECT, members });
    showOpened(entry, directory, navigation);
  }

  /** @param {MemberRef} member */
  #choose(member) {
    this.#chosen.set(member.id, member);
    this.#draw();
  }

  #draw() {
    const { form } = this.#dialog;
    const list = find(form, ".chosen-people", HTMLUListElement);
    list.replaceChildren(...[...this.#chosen.values()].map((member) => this.#chip(member)));
    list.hidden = this.#chosen.size === 0;
    find(form, ".is-primary", HTMLButtonElement).disabled = this.#chosen.size === 0;
  }

  /** @param {MemberRef} member */
  #chip({ id, name }) {
    const button = make("button", { type: "button", className: "chip" });
    const cross = make("span", { ariaHidden: "true" }, "×");
    button.append(make("bdi", {}, name), " ", cross);
    button.ariaLabel = interpolate(gettext("Remove {name}"), { name });
    button.addEventListener("click", () => {
      this.#chosen.delete(id);
      this.#draw();
      find(this.#dialog.form, "input", HTMLInputElement).focus();
    });
    return make("li", {}, button);
  }
}
