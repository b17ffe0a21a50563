import { find, on } from "../helpers/dom.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";

/** @import { RoomEntry } from "../protocol.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Navigation } from "./navigation.js" */

/**
 * ＋ New room: a name, a topic, for everyone or for members only; then it is on the screen. It is there for
 * those who may make rooms on this site; moderators always may.
 */
export class NewRoom {
  #parts;
  #dialog;

  /**
   * @param {{
   *   requests: Requests, directory: RoomDirectory, navigation: Navigation, focusBack: () => void,
   *   current: CurrentRoom, mayMakeRooms: boolean,
   * }} parts `mayMakeRooms`: without a role on the site, too
   */
  constructor(parts) {
    this.#parts = parts;
    this.#dialog = new FormDialog("#new-room", {
      submit: (answers) => this.#create(answers),
      focusBack: parts.focusBack,
    });
  }

  connect() {
    const { current, mayMakeRooms } = this.#parts;
    const button = find(document, "#new-room-button", HTMLButtonElement);
    button.addEventListener("click", () => this.#dialog.open());
    current.follow(({ permissions }, signal) => {
      const show = () => {
        button.hidden = !mayMakeRooms && permissions.role === null;
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
