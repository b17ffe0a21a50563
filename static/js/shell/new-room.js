import { find, on } from "../helpers/dom.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";

/** @import { RoomEntry } from "../protocol.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Navigation } from "./navigation.js" */

/**
 * ＋ New room: a name, a topic, for everyone or for members only; then it is on the screen. To those who may
 * not make rooms on this site it says who may; moderators always may.
 */
export class NewRoom {
  #parts;
  #dialog;

  /**
   * @param {{
   *   requests: Requests, directory: RoomDirectory, navigation: Navigation, focusBack: () => void,
   *   current: CurrentRoom, noRooms: string,
   * }} parts `noRooms`: why I may not, without a role on the site; empty if I may
   */
  constructor(parts) {
    this.#parts = parts;
    this.#dialog = new FormDialog("#new-room", {
      submit: (answers) => this.#create(answers),
      focusBack: parts.focusBack,
    });
  }

  connect() {
    const { current, noRooms } = this.#parts;
    const note = find(document, "#new-room-note", HTMLElement);
    const button = find(document, "#new-room-button", HTMLButtonElement);
    const isRefused = () => button.ariaDisabled === "true";
    button.addEventListener("click", () => {
      if (isRefused()) {
        // In the list: on a narrow screen its drawer lies over everything else.
        note.textContent = note.textContent ? "" : noRooms;
      } else {
        this.#dialog.open();
      }
    });
    current.follow(({ permissions }, signal) => {
      const show = () => {
        button.ariaDisabled = String(noRooms !== "" && permissions.role === null);
        button.title = isRefused() ? noRooms : "";
        note.textContent = isRefused() ? note.textContent : "";
      };
      on(permissions, "change", show, signal);
      show();
    });
  }

  /** @param {FormData} answers */
  async #create(answers) {
    const { requests, directory, navigation } = this.#parts;
    const reply = await requests.ask({
      type: Command.CREATE_ROOM,
      name: answers.get("name"),
      topic: answers.get("topic"),
      kind: answers.get("kind"),
    });
    showOpened(reply.entry, directory, navigation);
  }
}

/**
 * A room that the server has opened for me comes into the list and onto the screen.
 *
 * @param {RoomEntry} entry
 * @param {RoomDirectory} directory
 * @param {Navigation} navigation
 */
export function showOpened({ room, ...entry }, directory, navigation) {
  directory.note(room, entry);
  navigation.go(room);
}
