import { fillAvatar, find, make } from "../helpers/dom.js";
import { counted } from "../helpers/text.js";

/** @import { MemberRef } from "../protocol.js" */
/** @import { Roster } from "../models/roster.js" */

/** A longer list is cut; the count tells the rest. Names. */
const LONGEST_LIST = 100;

/** Who is here: a list, and the count that is true even where the list is cut. */
export class RoomRoster extends HTMLElement {
  /**
   * @param {Roster} roster
   * @param {MemberRef | null} me
   */
  show(roster, me) {
    const listed = roster.members.slice(0, LONGEST_LIST);
    find(this, ".roster-count", HTMLElement).textContent = roster.count.toLocaleString();
    find(this, ".roster-list", HTMLElement).replaceChildren(
      ...listed.map((member) => line(member, member.id === me?.id)),
    );
    const rest = find(this, ".roster-more", HTMLElement);
    rest.hidden = roster.count <= listed.length;
    rest.textContent = `and ${counted(roster.count - listed.length, "other")}`;
  }
}

/**
 * @param {MemberRef} member
 * @param {boolean} isMe
 */
function line(member, isMe) {
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  fillAvatar(avatar, member);
  const name = make("span", { className: "roster-name" }, member.name);
  return make(
    "li",
    {},
    avatar,
    name,
    ...(isMe ? [make("span", { className: "roster-me" }, "you")] : []),
  );
}
