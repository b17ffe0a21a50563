import { find } from "../helpers/dom.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";

/** @import { RoomEntry } from "../protocol.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Navigation } from "./navigation.js" */

/** ＋ New room: a name, a topic, for everyone or for members only; then it is on the screen. */
export class NewRoom {
  #parts;
  #dialog;

  /**
   * @param {{
   *   requests: Requests, directory: RoomDirectory, navigation: Navigation, focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#dialog = new FormDialog("#new-room", {
      submit: (answers) => this.#create(answers),
      focusBack: parts.focusBack,
    });
  }

  connect() {
    find(document, "#new-room-button", HTMLButtonElement).addEventListener("click", () =>
      this.#dialog.open(),
    );
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
