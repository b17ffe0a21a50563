import { RoomRoster } from "../elements/room-roster.js";
import { find, isolated, on } from "../helpers/dom.js";
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

/** What members ask of moderators, and what these do: each asks for a reason in a dialog. */
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
    const ofAnother = ({ author, deleted }) => author.id !== me.id && !deleted;
    /** @param {Message} message */
    const moderated = (message) => this.#permissions.isModerator && ofAnother(message);
    parts.actions.push(
      { label: "Report…", isAvailable: ofAnother, run: (message) => this.#report(message) },
      {
        label: "Restore",
        isAvailable: (message) => this.#permissions.isModerator && this.#restorable.has(message),
        run: (message) => this.#restore(message),
      },
      {
        label: "Delete for everyone…",
        isDanger: true,
        isAvailable: moderated,
        run: (message) => this.#delete(message),
      },
      {
        label: "Mute or ban the author…",
        isDanger: true,
        isAvailable: moderated,
        run: ({ author }) => this.#moderate(author),
      },
    );
  }

  get #permissions() {
    return this.#parts.current.session.permissions;
  }

  connect() {
    this.#restorable.connect();
    const roster = find(document, "room-roster", RoomRoster);
    on(roster, "member-chosen", (member) => this.#moderate(member));
    find(document, "#rules-button", HTMLButtonElement).addEventListener("click", () =>
      this.#setRules(),
    );
    for (const button of document.querySelectorAll(".dialog-cancel")) {
      button.addEventListener("click", () => button.closest("dialog")?.close(""));
    }
    const form = find(document, "#moderate-member form", HTMLFormElement);
    form.addEventListener("change", () => updateOptions(form));
  }

  /** @param {Message} message */
  #report(message) {
    this.#ask("#report-message", quoted(message), async (answers) => {
      const { seq } = message;
      const type = Command.REPORT_MESSAGE;
      if (await this.#parts.commands.run({ type, seq, reason: answers.get("reason") })) {
        this.#parts.notices.toast("Thank you. The moderators will look at it.");
      }
    });
  }

  /** @param {Message} message */
  #delete(message) {
    this.#ask("#take-down", quoted(message), async (answers) => {
      const { seq } = message;
      const reason = answers.get("reason");
      if (await this.#parts.commands.run({ type: Command.DELETE_MESSAGE, seq, reason })) {
        this.#parts.notices.toast("The message was deleted for everyone.");
      }
    });
  }

  /** @param {Message} message */
  async #restore({ seq }) {
    if (await this.#parts.commands.run({ type: Command.RESTORE_MESSAGE, seq })) {
      this.#parts.notices.toast("The message was restored.");
    }
  }

  /** @param {MemberRef} member */
  #moderate(member) {
    const form = find(document, "#moderate-member form", HTMLFormElement);
    form.reset();
    for (const choice of form.querySelectorAll(".for-owners")) {
      /** @type {HTMLElement} */ (choice).hidden = !this.#permissions.isOwner;
    }
    updateOptions(form);
    this.#ask("#moderate-member", member.name, async (answers) => {
      const command = commandFor(member, answers);
      if (command && (await this.#parts.commands.run(command))) {
        this.#parts.notices.toast(isolated(member.name), ` ${outcome(form, answers)}`);
      }
    });
  }

  #setRules() {
    const permissions = this.#permissions;
    const form = find(document, "#room-rules form", HTMLFormElement);
    form.reset();
    find(form, "[name=locked]", HTMLInputElement).checked = permissions.locked;
    const slow = find(form, "[name=slow_s]", HTMLSelectElement);
    if (![...slow.options].some(({ value }) => value === String(permissions.slowSeconds))) {
      slow.add(
        new Option(`One message every ${permissions.slowSeconds} s`, `${permissions.slowSeconds}`),
      );
    }
    slow.value = String(permissions.slowSeconds);
    this.#ask("#room-rules", "", async (answers) => {
      const rules = {
        type: Command.SET_RULES,
        locked: answers.has("locked"),
        slow_s: Number(answers.get("slow_s")),
        reason: answers.get("reason"),
      };
      if (await this.#parts.commands.run(rules)) {
        this.#parts.notices.toast("The rules of this room were saved.");
      }
    });
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

/**
 * A time fits a mute and a ban only, a network a ban, "for good" a ban; the button says what it
 * will do.
 *
 * @param {HTMLFormElement} form
 */
function updateOptions(form) {
  const what = new FormData(form).get("what");
  const time = find(form, "[name=seconds]", HTMLSelectElement);
  time.disabled = what !== "mute" && what !== "ban";
  const forGood = find(time, "[value='']", HTMLOptionElement);
  forGood.disabled = what !== "ban";
  if (forGood.selected && forGood.disabled) {
    time.selectedIndex = 1;
  }
  find(form, "[name=network]", HTMLInputElement).disabled = what !== "ban";
  const button = find(form, "[value=do]", HTMLButtonElement);
  button.textContent = find(form, "[name=what]:checked", HTMLInputElement).dataset.do ?? "";
  const isHard = what === "mute" || what === "ban";
  button.classList.toggle("is-danger", isHard);
  button.classList.toggle("is-primary", !isHard);
}

/**
 * @param {MemberRef} member
 * @param {FormData} answers
 * @returns {{ type: string, [field: string]: any } | null}
 */
function commandFor({ id }, answers) {
  const given = { member: id, reason: answers.get("reason") };
  const time = answers.get("seconds");
  switch (answers.get("what")) {
    case "mute":
      return { type: Command.MUTE_MEMBER, seconds: Number(time), ...given };
    case "unmute":
      return { type: Command.MUTE_MEMBER, seconds: 0, ...given };
    case "ban": {
      const network = answers.has("network");
      return { type: Command.BAN_MEMBER, seconds: time ? Number(time) : null, network, ...given };
    }
    case "appoint":
      return { type: Command.APPOINT_MEMBER, office: "moderator", ...given };
    case "dismiss":
      return { type: Command.APPOINT_MEMBER, office: "", ...given };
    default:
      return null;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {FormData} answers
 * @returns {string} what has become of the member, to follow the name
 */
function outcome(form, answers) {
  const { options } = find(form, "[name=seconds]", HTMLSelectElement);
  const time = [...options].find(({ value }) => value === answers.get("seconds"))?.text ?? "";
  const period = time === "for good" ? time : `for ${time}`;
  /** @type {Record<string, string>} */
  const outcomes = {
    mute: `was muted ${period}.`,
    unmute: "may write again.",
    ban: `was banned ${period}.`,
    appoint: "is a moderator now.",
    dismiss: "is not a moderator any more.",
  };
  return outcomes[String(answers.get("what"))] ?? "";
}
