import { find, make } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { about, bannedSentence, mutedSentence } from "../helpers/moderation-sentences.js";
import { Command } from "../protocol.js";
import { carryOut } from "./outcomes.js";

/** @import { MemberRef } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Outcome } from "./outcomes.js" */

/**
 * What moderators do to members. What is hard asks first, in a dialog that takes a reason; whoever
 * wants it done says what came of it.
 */
export class MemberModeration {
  #requests;

  /** @param {{ requests: Requests }} parts */
  constructor({ requests }) {
    this.#requests = requests;
  }

  connect() {
    for (const button of document.querySelectorAll(".dialog-cancel")) {
      button.addEventListener("click", () => button.closest("dialog")?.close(""));
    }
  }

  /**
   * @param {MemberRef} member
   * @param {string} why what the reason begins with
   * @returns {Promise<Outcome | null>} null: it was cancelled
   */
  async mute(member, why = "") {
    const answers = await ask("#mute-member", { subject: member.name, why });
    return answers && this.#mute(member, Number(answers.get("seconds")), reasonIn(answers));
  }

  /**
   * @param {MemberRef} member
   * @param {number} secondsLeft of the mute, to begin it again
   * @returns {Promise<Outcome>}
   */
  unmute(member, secondsLeft) {
    return carryOut(
      this.#requests,
      { type: Command.MUTE_MEMBER, member: member.id, seconds: 0 },
      about(member.name, gettext("{name} may write again.")),
      secondsLeft > 0 ? () => this.#mute(member, secondsLeft, "") : undefined,
    );
  }

  /**
   * @param {MemberRef} member
   * @param {string} why what the reason begins with
   * @returns {Promise<Outcome | null>} null: it was cancelled
   */
  async ban(member, why = "") {
    const answers = await ask("#ban-member", { subject: member.name, why });
    if (!answers) {
      return null;
    }
    const seconds = Number(answers.get("seconds")) || null;
    const network = answers.has("network");
    const reason = reasonIn(answers);
    return carryOut(
      this.#requests,
      { type: Command.BAN_MEMBER, member: member.id, seconds, network, reason },
      bannedSentence(member.name, seconds),
      () => this.unban(member),
    );
  }

  /** @param {MemberRef} member */
  unban(member) {
    return carryOut(
      this.#requests,
      { type: Command.BAN_MEMBER, member: member.id, seconds: 0 },
      about(member.name, gettext("{name} may come back.")),
    );
  }

  /**
   * @param {MemberRef} member
   * @param {boolean} isModerator what they are to be
   * @returns {Promise<Outcome | null>} null: it was cancelled
   */
  async appoint(member, isModerator) {
    const { name } = member;
    const title = isModerator
      ? interpolate(gettext("Make {name} a moderator?"), { name })
      : interpolate(gettext("Remove the moderator role of {name}?"), { name });
    const label = isModerator ? gettext("Make moderator") : gettext("Remove moderator role");
    const answers = await ask("#appoint-member", { title, label, isDanger: !isModerator });
    return answers && this.#appoint(member, isModerator, reasonIn(answers));
  }

  /**
   * @param {MemberRef} member
   * @param {"picture" | "texts"} part of the profile
   * @returns {Promise<Outcome | null>} null: it was cancelled
   */
  async clear(member, part) {
    const { name } = member;
    const isPicture = part === "picture";
    const question = isPicture
      ? gettext("Remove the picture of {name}?")
      : gettext("Remove the profile texts of {name}?");
    const title = interpolate(question, { name });
    const answers = await ask("#clear-profile", { title });
    const sentence = isPicture
      ? gettext("The picture of {name} was removed.")
      : gettext("The profile texts of {name} were removed.");
    const command = { type: Command.CLEAR_PROFILE, member: member.id, part };
    return (
      answers &&
      carryOut(this.#requests, { ...command, reason: reasonIn(answers) }, about(name, sentence))
    );
  }

  /**
   * @param {MemberRef} member
   * @param {number} seconds
   * @param {string} reason
   * @returns {Promise<Outcome>}
   */
  #mute(member, seconds, reason) {
    return carryOut(
      this.#requests,
      { type: Command.MUTE_MEMBER, member: member.id, seconds, reason },
      mutedSentence(member.name, seconds),
      () => this.unmute(member, seconds),
    );
  }

  /**
   * @param {MemberRef} member
   * @param {boolean} isModerator
   * @param {string} reason
   * @returns {Promise<Outcome>}
   */
  #appoint(member, isModerator, reason) {
    const office = isModerator ? "moderator" : "";
    const sentence = isModerator
      ? gettext("{name} is a moderator now.")
      : gettext("{name} is not a moderator any more.");
    return carryOut(
      this.#requests,
      { type: Command.APPOINT_MEMBER, member: member.id, office, reason },
      about(member.name, sentence),
      () => this.#appoint(member, !isModerator, ""),
    );
  }
}

/**
 * Asks in a dialog of the page; afterwards the focus is where it was.
 *
 * @param {string} selector
 * @param {{ subject?: string, title?: string, label?: string, isDanger?: boolean, why?: string }} words
 * @returns {Promise<FormData | null>} null: it was cancelled
 */
function ask(selector, { subject, title, label, isDanger = true, why = "" }) {
  const dialog = find(document, selector, HTMLDialogElement);
  const form = find(dialog, "form", HTMLFormElement);
  form.reset();
  find(form, "[name=reason]", HTMLInputElement).value = why;
  if (subject !== undefined) {
    find(form, ".dialog-subject", HTMLElement).textContent = subject;
  }
  if (title !== undefined) {
    find(form, "h2", HTMLElement).replaceChildren(make("bdi", {}, title));
  }
  const button = find(form, "[value=do]", HTMLButtonElement);
  button.textContent = label ?? button.textContent;
  button.classList.toggle("is-danger", isDanger);
  button.classList.toggle("is-primary", !isDanger);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const close = () => resolve(dialog.returnValue === "do" ? new FormData(form) : null);
    dialog.addEventListener("close", close, { once: true });
  });
}

/** @param {FormData} answers */
function reasonIn(answers) {
  return String(answers.get("reason") ?? "").trim();
}
