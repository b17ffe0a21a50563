import { make } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";

/** @import { Change } from "../models/change-queue.js" */
/** @import { Entry } from "../models/outbox.js" */

/**
 * @typedef {{
 *   text: string, isFailed: boolean, of: "outbox" | "changes", id: string,
 *   choices: [label: string, choice: string][],
 * }} Note What a row says of something that is on its way, and what can be done about it.
 */

/**
 * What is sent at once offers nothing; what takes long can be had back.
 *
 * @param {Entry} entry
 * @returns {Note | null}
 */
export function noteOfEntry({ client_id, state, code, why, isSlow }) {
  const isFailed = state === "failed";
  if (state === "accepted") {
    return null;
  }
  /** @type {[string, string][]} */
  const choices = isFailed ? [[again(code), "retry"]] : [];
  if (isFailed || isSlow) {
    choices.push([gettext("Edit"), "edit"], [gettext("Discard"), "discard"]);
  }
  return { text: progressOf(state, why), isFailed, of: "outbox", id: client_id, choices };
}

/** @param {string | undefined} code why it was not sent: a question is asked anew */
function again(code) {
  return code === "confirm" ? gettext("Send…") : gettext("Retry");
}

/**
 * @param {string} state
 * @param {string | undefined} why
 */
function progressOf(state, why) {
  switch (state) {
    case "failed":
      return interpolate(gettext("Not sent. {why}"), { why: why ?? "" });
    case "sending":
      return gettext("Sending…");
    default:
      return gettext("Waiting to be sent");
  }
}

/**
 * @param {Change} change
 * @returns {Note | null}
 */
export function noteOfChange(change) {
  const { id, state } = change;
  if (state === "accepted") {
    return null;
  }
  if (state !== "failed") {
    return { text: waitingText(change), isFailed: false, of: "changes", id, choices: [] };
  }
  /** @type {[string, string][]} */
  const choices = [[gettext("Retry"), "retry"]];
  if (change.kind === "edit") {
    choices.push([gettext("Edit"), "edit"]);
  }
  choices.push([gettext("Discard"), "discard"]);
  const text = interpolate(failedText(change), { why: change.why ?? "" });
  return { text, isFailed: true, of: "changes", id, choices };
}

/** @param {Change} change */
function waitingText(change) {
  switch (change.kind) {
    case "edit":
      return gettext("Edit waiting to be sent");
    case "delete":
      return gettext("Deletion waiting to be sent");
    case "reaction":
      return gettext("Reaction waiting to be sent");
  }
}

/** @param {Change} change */
function failedText(change) {
  switch (change.kind) {
    case "edit":
      return gettext("Edit not saved. {why}");
    case "delete":
      return gettext("Not deleted. {why}");
    case "reaction":
      return gettext("Reaction not saved. {why}");
  }
}

/**
 * @param {HTMLElement} box of a row
 * @param {Note[]} notes
 */
export function fillNotes(box, notes) {
  box.hidden = notes.length === 0;
  box.replaceChildren(
    ...notes.flatMap(({ text, of, id, choices }) => {
      const buttons = choices.map(([label, choice]) => {
        const button = make("button", { type: "button", className: "button is-small" }, label);
        Object.assign(button.dataset, { choice, of, id });
        return button;
      });
      const said = make("span", { className: "delivery-text" }, `${text} `);
      // They stay together where the line is too short for all.
      return buttons.length > 0
        ? [said, make("span", { className: "delivery-choices" }, ...buttons)]
        : [said];
    }),
  );
}
