import { fillAvatar, isolated, make } from "./dom.js";
import { gettext, interpolateNodes, ngettext } from "./i18n.js";
import { clockTime, fullTime } from "./time.js";

/** @import { Excerpt, MemberRef, ReportedMessage } from "../protocol.js" */

/**
 * A reported message: who said it and where, what was said around it, and why it was reported.
 *
 * @param {ReportedMessage} reported
 * @returns {HTMLElement[]}
 */
export function reportParts(reported) {
  const { author, before, after } = reported;
  const room = make("span", { className: "report-room", dir: "auto" }, reported.room_name);
  const name = nameButton(author);
  return [
    make("h3", { className: "report-head" }, name, room),
    make(
      "ol",
      { className: "report-context" },
      ...before.map(neighbour),
      make("li", { className: "report-message" }, ...messageParts(reported)),
      ...after.map(neighbour),
    ),
    make(
      "p",
      { className: "report-count" },
      ngettext("{count} report", "{count} reports", reported.count),
    ),
    make("ul", { className: "report-reasons" }, ...reasons(reported)),
  ];
}

/** @param {ReportedMessage} reported */
function messageParts({ author, body, message }) {
  const text = make("p", { className: "report-body", dir: "auto" }, body);
  const said = message
    ? [line(message)]
    : [make("span", { className: "report-author" }, author.name)];
  const notes = [];
  if (!message) {
    notes.push(note(gettext("The message is not there any more. This is what it said.")));
  } else if (message.deleted) {
    notes.push(note(gettext("The message was deleted. This is what it said.")));
  } else if (message.body !== body) {
    notes.push(note(gettext("It was edited since. Now it says:")));
    notes.push(make("p", { className: "report-body", dir: "auto" }, message.body));
  }
  return [...said, text, ...notes];
}

/** @param {string} text */
function note(text) {
  return make("p", { className: "report-note" }, text);
}

/** @param {Excerpt} excerpt */
function neighbour(excerpt) {
  const body = excerpt.deleted ? gettext("Message deleted") : excerpt.body;
  return make("li", {}, line(excerpt), make("p", { className: "report-body", dir: "auto" }, body));
}

/** @param {Excerpt} excerpt */
function line({ author, created_at }) {
  const date = new Date(created_at);
  const time = make("time", { dateTime: created_at, title: fullTime(date) }, clockTime(date));
  const name = make("span", { className: "report-author", dir: "auto" }, author.name);
  return make("span", { className: "report-line" }, name, " ", time);
}

/** @param {ReportedMessage} reported */
function reasons({ complaints, count }) {
  const rest = count - complaints.length;
  return [
    ...complaints.map(({ member, reason }) =>
      make(
        "li",
        {},
        ...interpolateNodes(gettext("{name}: {reason}"), {
          name: isolated(member.name),
          reason: isolated(reason),
        }),
      ),
    ),
    ...(rest > 0 ? [make("li", {}, ngettext("and {count} more", "and {count} more", rest))] : []),
  ];
}

/** @param {MemberRef} member */
function nameButton(member) {
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  fillAvatar(avatar, member);
  const name = make("span", { className: "person-name", dir: "auto" }, member.name);
  const button = make("button", { type: "button", className: "report-name" }, avatar, name);
  button.ariaHasPopup = "dialog";
  button.dataset.act = "profile";
  return button;
}
