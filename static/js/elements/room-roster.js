import { emit, fillAvatar, find, make } from "../helpers/dom.js";
import { counted } from "../helpers/text.js";

/** @import { MemberRef } from "../protocol.js" */
/** @import { Roster } from "../models/roster.js" */

/** A longer list is cut; the count tells the rest. Names. */
const LONGEST_LIST = 100;

/**
 * Who is here: a list, and the count that is true even where the list is cut. Tells
 * `member-chosen` (detail: the member), where one can be dealt with.
 */
export class RoomRoster extends HTMLElement {
  /**
   * @param {Roster} roster
   * @param {MemberRef | null} me
   * @param {boolean} canDeal whether the others can be dealt with
   */
  show(roster, me, canDeal = false) {
    const listed = roster.listFor(me).slice(0, LONGEST_LIST);
    find(this, ".roster-count", HTMLElement).textContent = roster.count.toLocaleString();
    find(this, ".roster-list", HTMLElement).replaceChildren(
      ...listed.map((member) => {
        const isMe = member.id === me?.id;
        return line(member, isMe, canDeal && !isMe ? [this.#dealButton(member)] : []);
      }),
    );
    const rest = find(this, ".roster-more", HTMLElement);
    rest.hidden = roster.count <= listed.length;
    rest.textContent = `and ${counted(roster.count - listed.length, "other")}`;
  }

  /** @param {MemberRef} member */
  #dealButton(member) {
    const className = "button is-quiet is-small roster-deal";
    const button = make("button", { type: "button", className, ariaHasPopup: "dialog" }, "⋯");
    button.ariaLabel = `Mute or ban ${member.name}`;
    button.addEventListener("click", () => emit(this, "member-chosen", member));
    return button;
  }
}

/**
 * @param {MemberRef} member
 * @param {boolean} isMe
 * @param {HTMLElement[]} buttons
 */
function line(member, isMe, buttons) {
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  fillAvatar(avatar, member);
  const name = make("span", { className: "roster-name", dir: "auto" }, member.name);
  return make(
    "li",
    {},
    avatar,
    name,
    ...(isMe ? [make("span", { className: "roster-me" }, "you")] : []),
    ...buttons,
  );
}
