import { find } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";
import { RoomKind } from "./room-kind.js";

/** @import { Notices } from "../helpers/notices.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Commands } from "./commands.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Navigation } from "./navigation.js" */

const LOBBY = "lobby";

/**
 * What can be set about the room on the screen: for everyone how much they hear of it; for those who run it
 * its name and topic, who posts, how often, and who invites; for its owners whether it is private, whether it
 * is archived, and its end. The server decides who may.
 */
export class RoomSettings {
  #parts;
  #settings;
  #deletion;
  #kind;

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
    this.#kind = new RoomKind(parts);
  }

  connect() {
    const { current, directory } = this.#parts;
    this.#button("#room-settings-button", () => this.#open());
    this.#button("#archive-room", () => this.#archive());
    this.#button("#quit-room", () => this.#quit());
    this.#button("#room-kind-button", () => {
      this.#settings.close();
      this.#kind.open();
    });
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

  /** Whether I run the room. Nobody runs a direct conversation. */
  get #mayManage() {
    const { permissions, kind } = this.#parts.current.session;
    return permissions.isModerator && kind !== "direct";
  }

  /** An archived room is read only, and says so where one would write. */
  #followList() {
    this.#parts.current.session.permissions.setListed(this.#entry);
  }

  #open() {
    const { key, kind, permissions } = this.#parts.current.session;
    const { archived, notify = "all", joined } = this.#entry ?? {};
    this.#settings.open();
    this.#fill({ ...this.#settable, notify });
    const field = (/** @type {string} */ selector) =>
      find(this.#settings.form, selector, HTMLElement);
    const mayEnd = permissions.isOwner && key !== LOBBY && kind !== "direct";
    field(".room-naming").hidden = !this.#mayManage;
    field(".room-posting").hidden = !this.#mayManage;
    field("#room-kind-button").hidden = !mayEnd;
    field("#room-kind-button").textContent = this.#kind.label;
    field("#archive-room").hidden = !mayEnd;
    field("#archive-room").textContent = archived
      ? gettext("Restore room")
      : gettext("Archive room");
    field("#delete-room-button").hidden = !mayEnd;
    field("#quit-room").hidden = !joined || key === LOBBY || kind === "direct";
  }

  /** What those who run the room may change, as it is now. */
  get #settable() {
    const { name, topic, permissions } = this.#parts.current.session;
    return {
      name,
      topic,
      inviters: this.#entry?.inviters ?? "members",
      posters: permissions.locked ? "moderators" : "members",
      slow_s: String(permissions.slowSeconds),
    };
  }

  /** @param {Record<string, string>} values by the names of the fields */
  #fill(values) {
    const { elements } = this.#settings.form;
    for (const [name, value] of Object.entries(values)) {
      const field = elements.namedItem(name);
      if (field instanceof HTMLSelectElement) {
        offer(field, value);
      }
      /** @type {{ value: string }} */ (/** @type {unknown} */ (field)).value = value;
    }
  }

  /** @param {FormData} answers */
  async #save(answers) {
    const { requests, current, directory, notices } = this.#parts;
    const { key: room } = current.session;
    if (this.#mayManage) {
      await this.#saveRoom(room, answers);
    }
    const notify = String(answers.get("notify"));
    if (notify !== (this.#entry?.notify ?? "all")) {
      await requests.ask({ type: Command.SET_NOTIFY, room, notify });
      directory.note(room, { notify });
    }
    notices.toast(gettext("Saved."));
  }

  /**
   * Asks for what was changed, and for nothing else: the rest may be another by now.
   *
   * @param {string} room
   * @param {FormData} answers
   */
  async #saveRoom(room, answers) {
    const { requests } = this.#parts;
    const before = this.#settable;
    const changed = Object.fromEntries(
      Object.entries(before).flatMap(([name, value]) => {
        const given = String(answers.get(name));
        return given === value ? [] : [[name, given]];
      }),
    );
    const { posters, slow_s, ...facts } = changed;
    if (Object.keys(facts).length > 0) {
      await requests.ask({ type: Command.UPDATE_ROOM, room, ...facts });
    }
    if (posters !== undefined || slow_s !== undefined) {
      await requests.ask({
        type: Command.SET_RULES,
        room,
        locked: (posters ?? before.posters) === "moderators",
        slow_s: Number(slow_s ?? before.slow_s),
      });
    }
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

/**
 * The interval may have been set elsewhere, to one that the list does not have.
 *
 * @param {HTMLSelectElement} select
 * @param {string} value
 */
function offer(select, value) {
  if (![...select.options].some((option) => option.value === value)) {
    const label = interpolate(gettext("One message every {seconds} s"), { seconds: value });
    select.add(new Option(label, value));
  }
}
