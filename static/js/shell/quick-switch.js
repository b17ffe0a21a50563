import { QuickSwitcher } from "../elements/quick-switcher.js";
import { emit, find, on } from "../helpers/dom.js";
import { links } from "./room-list.js";

/** @import { Place } from "../models/places.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Navigation } from "./navigation.js" */

/** Ctrl+K, or the button above the rooms: to a room or to someone who is here, by a few letters. */
export class QuickSwitch {
  #parts;
  #switcher = find(document, "quick-switcher", QuickSwitcher);
  #button = find(document, "#jump-to", HTMLButtonElement);

  /** @param {{ current: CurrentRoom, navigation: Navigation, focusBack: () => void }} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    this.#button.addEventListener("click", () => this.#open());
    document.addEventListener("keydown", (event) => {
      const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
      const isShortcut = key === "k" && (ctrlKey || metaKey) && !shiftKey && !altKey;
      if (isShortcut && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        this.#open();
      }
    });
    on(this.#switcher, "place-chosen", (place) => this.#go(place));
    this.#switcher.closest("dialog")?.addEventListener("close", () => this.#parts.focusBack());
  }

  #open() {
    this.#switcher.open([...rooms(), ...this.#people()]);
  }

  /** @returns {Place[]} who is here and has a profile card */
  #people() {
    const { roster, me } = this.#parts.current.session;
    if (!document.querySelector("profile-card")) {
      return [];
    }
    return roster
      .listFor(me)
      .filter(({ id }) => id !== me?.id)
      .map(({ id, name }) => ({ kind: "person", id, name }));
  }

  /** @param {Place} place */
  #go(place) {
    if (place.kind === "room") {
      this.#parts.navigation.go(place.key);
    } else {
      emit(document, "profile-wanted", { member: place, origin: this.#button });
    }
  }
}

/** @returns {Place[]} as the sidebar lists them */
function rooms() {
  return links().map((link) => ({
    kind: "room",
    key: link.dataset.room ?? "",
    name: find(link, "bdi", HTMLElement).textContent ?? "",
    isPrivate: link.dataset.kind === "private",
    isUnread: link.querySelector(".unread-dot:not([hidden])") !== null,
  }));
}
