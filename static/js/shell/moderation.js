import { find } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { isMe } from "../helpers/me.js";
import { quoted } from "../helpers/message-dom.js";
import { Command } from "../protocol.js";
import { showDialog } from "./dialogs.js";
import { Restorable } from "./restorable.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { Commands } from "./commands.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Action } from "./message-actions.js" */

/** What members ask of moderators, and what these do to messages; each asks for a reason. */
export class Moderation {
  #parts;
  #restorable;

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, list: MessageList, composer: MessageComposer,
   *   commands: Commands, actions: Action[], notices: Notices,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#restorable = new Restorable(parts);
    const { me } = parts;
    /** @param {Message} message */
    const ofAnother = ({ author, deleted }) => !isMe(author.id, me) && !deleted;
    /** @param {Message} message */
    const moderated = (message) => this.#permissions.isModerator && ofAnother(message);
    parts.actions.push(
      {
        label: gettext("Report…"),
        isAvailable: ofAnother,
        run: (message) => this.#report(message),
      },
      {
        label: gettext("Restore"),
        isAvailable: (message) => this.#permissions.isModerator && this.#restorable.has(message),
        run: (message) => this.#restore(message),
      },
      {
        label: gettext("Delete for everyone…"),
        isDanger: true,
        isAvailable: moderated,
        run: (message) => this.#delete(message),
      },
    );
  }

  get #permissions() {
    return this.#parts.current.session.permissions;
  }

  connect() {
    this.#restorable.connect();
  }

  /** @param {Message} message */
  #report(message) {
    this.#ask("#report-message", quoted(message), async (answers) => {
      const { seq } = message;
      const type = Command.REPORT_MESSAGE;
      if (await this.#parts.commands.run({ type, seq, reason: answers.get("reason") })) {
        this.#parts.notices.toast(gettext("Thank you. The moderators will look at it."));
      }
    });
  }

  /** @param {Message} message */
  #delete(message) {
    this.#ask("#take-down", quoted(message), async (answers) => {
      const { seq } = message;
      const reason = answers.get("reason");
      if (await this.#parts.commands.run({ type: Command.DELETE_MESSAGE, seq, reason })) {
        this.#parts.notices.undoable(gettext("The message was deleted for everyone."), () =>
          this.#restore(message),
        );
      }
    });
  }

  /** @param {Message} message */
  async #restore({ seq }) {
    if (await this.#parts.commands.run({ type: Command.RESTORE_MESSAGE, seq })) {
      this.#parts.notices.toast(gettext("The message was restored."));
    }
  }

  /**
   * @param {string} selector of a dialog with a form
   * @param {string} subject what it is about, shown in it
   * @param {(answers: FormData) => void} then if it was not cancelled
   */
  #ask(selector, subject, then) {
    const dialog = showDialog(
      selector,
      () => this.#parts.composer.focus(),
      (answer) => {
        if (answer) {
          then(new FormData(form));
        }
      },
    );
    const form = find(dialog, "form", HTMLFormElement);
    const shown = dialog.querySelector(".dialog-subject");
    if (shown) {
      shown.textContent = subject;
    }
    const reason = find(form, "[name=reason]", HTMLInputElement);
    reason.value = "";
  }
}
