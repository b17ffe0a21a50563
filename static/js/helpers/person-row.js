import { fillAvatar, find, make } from "./dom.js";
import { gettext } from "./i18n.js";

/** @import { MemberFace, MemberRef, PresentMember } from "../protocol.js" */

/** @param {MemberRef} person */
export function newPersonRow({ id }) {
  const row = make("li", {});
  row.dataset.member = String(id);
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  const name = make("span", { className: "person-name", dir: "auto" });
  const state = make("span", { className: "person-state", dir: "auto" });
  const notes = make("span", { className: "person-notes" });
  const label = make("span", { className: "person-label" }, name, " ", state);
  const button = make("button", { type: "button", className: "person" }, avatar, label, " ", notes);
  button.ariaHasPopup = "dialog";
  row.append(button);
  return row;
}

/**
 * @param {HTMLElement} row
 * @param {PresentMember} person
 * @param {{ isMe: boolean, isTyping: boolean, face?: MemberFace }} circumstances
 */
export function fillPersonRow(row, person, { isMe, isTyping, face }) {
  const name = find(row, ".person-name", HTMLElement);
  const called = face?.name ?? person.name;
  if (name.textContent !== called) {
    name.textContent = called;
    fillAvatar(find(row, ".avatar", HTMLElement), person);
  }
  const state = find(row, ".person-state", HTMLElement);
  const { emoji = "", text = "" } = face?.status ?? {};
  const status = [emoji, text].filter(Boolean).join(" ");
  if (state.textContent !== status) {
    state.textContent = status;
    state.title = status;
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
