import { find, on } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { roomMark } from "./room-list.js";

/** @import { MessageList } from "../elements/message-list.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** The name of the room on the screen, wherever the page says it. */
export class Header {
  #current;
  #icon = find(document, "link[rel=icon]", HTMLLinkElement);
  #seenIcon = this.#icon.href;
  /** Of the room on the screen; and in the inbox, from elsewhere. */
  #unread = 0;
  #inbox = 0;
  #site = document.title.split(" · ").at(-1);

  #directory;
  #list;

  /** @param {{ current: CurrentRoom, directory: RoomDirectory, list: MessageList }} parts */
  constructor({ current, directory, list }) {
    this.#current = current;
    this.#directory = directory;
    this.#list = list;
  }

  connect() {
    on(this.#current, "change", (session) => this.#show(session));
    on(this.#directory, "change", () => this.#note());
  }

  /** The room may have another name or topic by now, or one at last. */
  #note() {
    const { session } = this.#current;
    const { name, topic = "", kind = "public" } = this.#directory.get(session.key) ?? session;
    if (name !== session.name || topic !== session.topic || kind !== session.kind) {
      Object.assign(session, { name, topic, kind });
      this.#show(session);
    }
  }

  /** @param {number} count of unread messages, for those who look at another tab */
  showUnread(count) {
    this.#unread = count;
    this.#showCounts();
  }

  /** @param {number} count of what waits in the inbox and is not of the room on the screen */
  showInbox(count) {
    this.#inbox = count;
    this.#showCounts();
  }

  #showCounts() {
    this.#showTitle();
    const { unread = "", mentions = "" } = this.#icon.dataset;
    const some = this.#unread > 0 ? unread : this.#seenIcon;
    const icon = this.#inbox > 0 ? mentions : some;
    if (this.#icon.href !== icon) {
      this.#icon.href = icon;
    }
  }

  /** The name became known, or is another one. */
  refresh() {
    this.#show(this.#current.session);
  }

  /** @param {RoomSession} session */
  #show({ name, topic, kind, address, isMissing }) {
    const title = isMissing ? gettext("No such room") : name;
    find(document, ".topbar-title", HTMLElement).textContent = title;
    find(document, ".topbar .room-mark", Element).replaceWith(roomMark(kind));
    const about = find(document, ".topbar-topic", HTMLElement);
    about.textContent = topic;
    about.hidden = topic === "";
    this.#list.name(name);
    this.#list.dataset.kind = kind;
    const form = document.querySelector("message-composer form");
    if (form instanceof HTMLFormElement) {
      const label = interpolate(gettext("Message to {room}"), { room: name });
      find(form, "label", HTMLElement).textContent = label;
      find(form, "textarea", HTMLTextAreaElement).placeholder = label;
      form.action = `${address}messages/`;
    }
    // Forms that lead back to where they were sent from.
    for (const next of document.querySelectorAll("input[name=next]")) {
      /** @type {HTMLInputElement} */ (next).value = address;
    }
    this.#showTitle();
  }

  #showTitle() {
    const { name, isMissing } = this.#current.session;
    const title = `${isMissing ? gettext("No such room") : name} · ${this.#site}`;
    const count = this.#unread + this.#inbox;
    document.title = count > 0 ? `(${count}) ${title}` : title;
  }
}
