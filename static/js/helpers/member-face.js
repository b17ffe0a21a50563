import { fillAvatar, make } from "./dom.js";

/** @import { MemberRef } from "../protocol.js" */

/**
 * How a member stands in a list of a dialog.
 *
 * @param {MemberRef} member
 * @param {string} told what is said behind the name
 * @returns {Node[]}
 */
export function memberFace(member, told = "") {
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  fillAvatar(avatar, member);
  const note = make("span", { className: "member-role" }, told);
  return [avatar, make("bdi", { className: "member-name" }, member.name), note];
}
