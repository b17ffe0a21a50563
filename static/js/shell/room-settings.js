import { find } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";

/** @import { Notices } from "../helpers/notices.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Commands } from "./commands.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Navigation } from "./navigation.js" */

const LOBBY = "lobby";

/**
 * What can be set about the room on the screen: for everyone how much they hear of it, for those who run
 * it its name and topic, whether it is archived, and its end. The server decides who may.
 */
export class RoomSettings {
  #parts;
  #settings;
  #deletion;

  /**
   * @param {{
   *   current: CurrentRoom, directory: RoomDirectory, requests: Requests, notices: Notices,
   *   navigation: Navigation, commands: Commands, focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    const { focusBack } = parts;
    this.#settings = new FormDialog("#room-settings", {
      submit: (answers) => this.#save(answers),
      focusBack,
    });
    this.#deletion = new FormDialog("#delete-room", {
      submit: (answers) => this.#delete(answers),
      focusBack,
    });
  }

  connect() {
    const { current, directory } = this.#parts;
    this.#button("#room-settings-button", () => this.#open());
    this.#button("#archive-room", () => this.#archive());
    this.#button("#quit-room", () => this.#quit());
    this.#button("#delete-room-button", () => {
      this.#settings.close();
      this.#deletion.open();
      find(this.#deletion.element, ".dialog-subject", HTMLElement).textContent =
        current.session.name;
    });
    directory.addEventListener("change", () => this.#followList());
    current.follow(() => this.#followList());
  }

  get #entry() {
    return this.#parts.directory.get(this.#parts.current.session.key);
  }

  /** Whether I run the room: its owner or moderator, or one of the site where everyone may see it. */
  get #mayManage() {
    const { permissions } = this.#parts.current.session;
    const { role, kind } = this.#entry ?? {};
    const isSites = permissions.isModerator && kind === "public";
    return role === "owner" || role === "moderator" || isSites;
  }

  /** An archived room is read only, and says so where one would write. */
  #followList() {
    const { permissions } = this.#parts.current.session;
    permissions.setArchived(this.#entry?.archived ?? false);
  }

  #open() {
    const { key, name, topic } = this.#parts.current.session;
    const { role, kind, archived, notify = "all", joined } = this.#entry ?? {};
    this.#settings.open();
    const { form } = this.#settings;
    const field = (/** @type {string} */ selector) => find(form, selector, HTMLElement);
    /** @type {HTMLInputElement} */ (field("[name=name]")).value = name;
    /** @type {HTMLInputElement} */ (field("[name=topic]")).value = this.#entry?.topic ?? topic;
    const level = find(form, `[name=notify][value=${notify}]`, HTMLInputElement);
    level.checked = true;
    const isOwner = role === "owner";
    const isLobby = key === LOBBY;
    field(".room-naming").hidden = !this.#mayManage || kind === "direct";
    field("#archive-room").hidden = !isOwner || isLobby;
    field("#archive-room").textContent = archived
      ? gettext("Restore room")
      : gettext("Archive room");
    field("#delete-room-button").hidden = !isOwner || isLobby;
    field("#quit-room").hidden = !joined || isLobby || kind === "direct";
  }

  /** @param {FormData} answers */
  async #save(answers) {
    const { requests, current, directory, notices } = this.#parts;
    const { key: room, name, topic } = current.session;
    const given = { name: String(answers.get("name")), topic: String(answers.get("topic")) };
    if (this.#mayManage && (given.name !== name || given.topic !== topic)) {
      await requests.ask({ type: Command.UPDATE_ROOM, room, ...given });
    }
    const notify = String(answers.get("notify"));
    if (notify !== (this.#entry?.notify ?? "all")) {
      await requests.ask({ type: Command.SET_NOTIFY, room, notify });
      directory.note(room, { notify });
    }
    notices.toast(gettext("Saved."));
  }

  async #archive() {
    const archived = !this.#entry?.archived;
    const done = archived
      ? gettext("The room is archived: it can be read, and restored here.")
      : gettext("The room is open again.");
    await this.#run({ type: Command.ARCHIVE_ROOM, archived }, done);
  }

  async #quit() {
    const { name } = this.#parts.current.session;
    const done = interpolate(gettext("You have left {room}."), { room: name });
    if (await this.#run({ type: Command.QUIT_ROOM }, done)) {
      this.#parts.navigation.go(LOBBY);
    }
  }

  /** @param {FormData} answers */
  async #delete(answers) {
    const { requests, current, notices, navigation } = this.#parts;
    const { key: room, name } = current.session;
    await requests.ask({ type: Command.DELETE_ROOM, room, name: answers.get("name") });
    navigation.go(LOBBY);
    notices.toast(interpolate(gettext("{room} was deleted."), { room: name }));
  }

  /**
   * @param {{ type: string, [field: string]: any }} command
   * @param {string} done
   * @returns {Promise<boolean>} whether it was carried out
   */
  async #run(command, done) {
    const { commands, notices } = this.#parts;
    this.#settings.close();
    const isDone = await commands.run(command);
    if (isDone) {
      notices.toast(done);
    }
    return isDone;
  }

  /**
   * @param {string} selector
   * @param {() => void} then
   */
  #button(selector, then) {
    find(document, selector, HTMLButtonElement).addEventListener("click", then);
  }
}
