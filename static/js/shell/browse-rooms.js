import { find, make } from "../helpers/dom.js";
import { gettext, ngettext } from "../helpers/i18n.js";
import { throttle } from "../helpers/timing.js";
import { Command } from "../protocol.js";
import { showOpened } from "./new-room.js";
import { refusalText } from "./refusals.js";

/** @import { BrowsedRoom } from "../protocol.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Navigation } from "./navigation.js" */

/** A search waits for so long after a letter. Milliseconds. */
const SEARCH_INTERVAL = 250;

/** Browse rooms: the public ones, found by name or topic, to join or to look into. */
export class BrowseRooms {
  #parts;
  #dialog = find(document, "#browse-rooms", HTMLDialogElement);
  #field = find(this.#dialog, "input", HTMLInputElement);
  #list = find(this.#dialog, ".room-results", HTMLUListElement);
  #status = find(this.#dialog, ".room-results-status", HTMLElement);
  #more = find(this.#dialog, ".room-results-more", HTMLButtonElement);
  /** The last key that is shown. */
  #last = "";
  /** Of several answers only that to the last question counts. */
  #asked = 0;

  /**
   * @param {{
   *   requests: Requests, directory: RoomDirectory, navigation: Navigation, focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const search = throttle(() => this.#search(), SEARCH_INTERVAL);
    find(document, "#browse-rooms-button", HTMLButtonElement).addEventListener("click", () => {
      this.#field.value = "";
      this.#dialog.showModal();
      this.#search();
    });
    this.#field.addEventListener("input", search);
    this.#more.addEventListener("click", () => this.#load(this.#last));
    this.#dialog.addEventListener("close", () => this.#parts.focusBack());
  }

  #search() {
    this.#load("");
  }

  /** @param {string} after a key: the rooms behind it are added to those that are shown */
  async #load(after) {
    this.#asked += 1;
    const asked = this.#asked;
    const query = this.#field.value.trim();
    try {
      const question = { type: Command.BROWSE_ROOMS, query, after };
      const { rooms, more } = await this.#parts.requests.ask(question);
      if (asked === this.#asked) {
        this.#show(rooms, more, after !== "");
      }
    } catch (error) {
      this.#status.textContent = refusalText(error);
    }
  }

  /**
   * @param {BrowsedRoom[]} rooms
   * @param {boolean} more
   * @param {boolean} isContinued
   */
  #show(rooms, more, isContinued) {
    const items = rooms.map((room) => this.#item(room));
    if (isContinued) {
      this.#list.append(...items);
      items[0]?.querySelector("button")?.focus();
    } else {
      this.#list.replaceChildren(...items);
    }
    this.#last = rooms.at(-1)?.room ?? "";
    this.#more.hidden = !more;
    this.#status.textContent =
      this.#list.childElementCount === 0
        ? gettext("No public room matches. Try another word.")
        : ngettext("{count} room", "{count} rooms", this.#list.childElementCount);
  }

  /** @param {BrowsedRoom} room */
  #item({ room, name, topic, members, joined }) {
    const button = make("button", { type: "button", className: "button is-small" });
    button.textContent = joined ? gettext("Open") : gettext("Join");
    button.setAttribute("aria-describedby", `browsed-${room}`);
    button.addEventListener("click", () => this.#enter(room, joined));
    const title = make("bdi", { id: `browsed-${room}`, className: "room-result-name" }, name);
    const count = ngettext("{count} member", "{count} members", members);
    const about = [...(topic ? [topic] : []), ...(members > 0 ? [count] : [])].join(" · ");
    const told = make("p", { className: "room-result-about", dir: "auto" }, about);
    return make("li", { className: "room-result" }, make("div", {}, title, told), button);
  }

  /**
   * @param {string} room
   * @param {boolean} [joined]
   */
  async #enter(room, joined) {
    const { requests, directory, navigation } = this.#parts;
    try {
      if (joined) {
        navigation.go(room);
      } else {
        const { entry } = await requests.ask({ type: Command.JOIN_ROOM, room });
        showOpened(entry, directory, navigation);
      }
      this.#dialog.close();
    } catch (error) {
      this.#status.textContent = refusalText(error);
    }
  }
}
