import { find } from "../helpers/dom.js";
import { gettext, ngettext } from "../helpers/i18n.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";

/** @import { Notices } from "../helpers/notices.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Commands } from "./commands.js" */

/**
 * Makes the room on the screen private or public, after its owner was told what that means for what was
 * said there, and for whom.
 */
export class RoomKind {
  #parts;
  #dialog;

  /**
   * @param {{
   *   current: CurrentRoom, requests: Requests, commands: Commands, notices: Notices,
   *   focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#dialog = new FormDialog("#change-room-kind", {
      submit: () => this.#change(),
      focusBack: parts.focusBack,
    });
  }

  /** @returns {string} what the button that leads here says */
  get label() {
    return this.#isPublic ? gettext("Make private…") : gettext("Make public…");
  }

  open() {
    const isPublic = this.#isPublic;
    const part = (/** @type {string} */ selector) =>
      find(this.#dialog.element, selector, HTMLElement);
    part("h2").textContent = isPublic
      ? gettext("Make this room private?")
      : gettext("Make this room public?");
    part(".dialog-subject").textContent = this.#parts.current.session.name;
    part(".becomes-private").hidden = !isPublic;
    part(".becomes-public").hidden = isPublic;
    part(".is-primary").textContent = isPublic ? gettext("Make private") : gettext("Make public");
    const count = part(".room-kind-members");
    count.textContent = "";
    this.#dialog.open();
    if (isPublic) {
      this.#count(count);
    }
  }

  get #isPublic() {
    return this.#parts.current.session.kind === "public";
  }

  /** @param {HTMLElement} line that says how many stay */
  async #count(line) {
    const { requests, current } = this.#parts;
    try {
      const { total } = await requests.ask({
        type: Command.LIST_MEMBERS,
        room: current.session.key,
      });
      line.textContent = ngettext("It has {count} member.", "It has {count} members.", total);
    } catch {
      // The question can be answered without.
    }
  }

  async #change() {
    const { requests, current, notices, commands } = this.#parts;
    const { key: room } = current.session;
    const [before, after] = this.#isPublic ? ["public", "private"] : ["private", "public"];
    await requests.ask({ type: Command.UPDATE_ROOM, room, kind: after });
    const done =
      after === "private" ? gettext("The room is private.") : gettext("The room is public.");
    notices.undoable(done, async () => {
      if (await commands.run({ type: Command.UPDATE_ROOM, kind: before }, room)) {
        notices.toast(
          before === "private" ? gettext("The room is private.") : gettext("The room is public."),
        );
      }
    });
  }
}
