import { fillAvatar, find, make } from "./dom.js";
import { gettext } from "./i18n.js";

/** @import { MemberRef, PresentMember } from "../protocol.js" */

/** @param {MemberRef} person */
export function newPersonRow({ id }) {
  const row = make("li", {});
  row.dataset.member = String(id);
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  const name = make("span", { className: "person-name", dir: "auto" });
  const notes = make("span", { className: "person-notes" });
  const button = make("button", { type: "button", className: "person" }, avatar, name, " ", notes);
  button.ariaHasPopup = "dialog";
  row.append(button);
  return row;
}

/**
 * @param {HTMLElement} row
 * @param {PresentMember} person
 * @param {{ isMe: boolean, isTyping: boolean }} circumstances
 */
export function fillPersonRow(row, person, { isMe, isTyping }) {
  const name = find(row, ".person-name", HTMLElement);
  if (name.textContent !== person.name) {
    name.textContent = person.name;
    fillAvatar(find(row, ".avatar", HTMLElement), person);
  }
  const notes = find(row, ".person-notes", HTMLElement);
  const said = notesOn(person, isMe, isTyping).join(" · ");
  if (notes.textContent !== said) {
    notes.textContent = said;
  }
}

/**
 * @param {PresentMember} person
 * @param {boolean} isMe
 * @param {boolean} isTyping
 */
function notesOn({ role }, isMe, isTyping) {
  return [
    ...(isTyping && !isMe ? [gettext("typing")] : []),
    ...(role ? [roleName(role)] : []),
    ...(isMe ? [gettext("you")] : []),
  ];
}

/** @param {string} role */
export function roleName(role) {
  return role === "owner" ? gettext("owner") : gettext("moderator");
}

/** @param {Element} row */
export function buttonOf(row) {
  return find(row, "button", HTMLButtonElement);
}
