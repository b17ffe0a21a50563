import { gettext } from "../helpers/i18n.js";
import { about } from "../helpers/moderation-sentences.js";
import { Command } from "../protocol.js";
import { carryOut } from "./outcomes.js";

/** @import { MemberRef, MemberShown } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Outcome } from "./outcomes.js" */

/** @typedef {"owner" | "moderator" | "member"} RoomRole */

/**
 * @typedef {{ label: string, act: () => Promise<Outcome>, isDanger?: boolean }} RoomAct
 */

/** What those who run a room do with its members. Each act says what came of it, and can be undone. */
export class RoomPeople {
  #requests;

  /** @param {{ requests: Requests }} parts */
  constructor({ requests }) {
    this.#requests = requests;
  }

  /**
   * What I may do with this member in the room.
   *
   * @param {string} room
   * @param {MemberShown} state of the member, as the server told it for this room
   * @returns {RoomAct[]}
   */
  acts(room, { member, role_here, may_here = [] }) {
    const role = /** @type {RoomRole} */ (role_here ?? "member");
    /** @type {(role: RoomRole, label: string) => RoomAct} */
    const appointing = (next, label) => ({
      label,
      act: () => this.appoint(room, member, next, role),
    });
    const offers = [
      appointing("owner", gettext("Make owner of this room")),
      appointing("moderator", gettext("Make moderator of this room")),
      appointing("member", gettext("Make plain member of this room")),
    ];
    const roles = ["owner", "moderator", "member"];
    return [
      ...(may_here.includes("appoint") ? offers.filter((_, at) => roles[at] !== role) : []),
      ...(may_here.includes("remove")
        ? [
            {
              label: gettext("Remove from this room"),
              act: () => this.remove(room, member),
              isDanger: true,
            },
          ]
        : []),
    ];
  }

  /**
   * @param {string} room
   * @param {MemberRef} member
   * @param {RoomRole} role what they are to be
   * @param {RoomRole} before what they are
   * @returns {Promise<Outcome>}
   */
  appoint(room, member, role, before) {
    const sentences = {
      owner: gettext("{name} is an owner of this room now."),
      moderator: gettext("{name} is a moderator of this room now."),
      member: gettext("{name} is a plain member of this room now."),
    };
    const office = role === "member" ? "" : role;
    return carryOut(
      this.#requests,
      { type: Command.APPOINT_MEMBER, room, member: member.id, office },
      about(member.name, sentences[role]),
      () => this.appoint(room, member, before, role),
    );
  }

  /**
   * @param {string} room
   * @param {MemberRef} member
   * @returns {Promise<Outcome>}
   */
  remove(room, member) {
    return carryOut(
      this.#requests,
      { type: Command.REMOVE_MEMBER, room, member: member.id },
      about(member.name, gettext("{name} was removed from this room.")),
      () => this.add(room, member),
    );
  }

  /**
   * @param {string} room
   * @param {MemberRef} member
   * @returns {Promise<Outcome>}
   */
  add(room, member) {
    return carryOut(
      this.#requests,
      { type: Command.ADD_MEMBERS, room, members: [member.id] },
      about(member.name, gettext("{name} was added to this room.")),
    );
  }
}

/**
 * @param {MemberShown | null} state
 * @returns {string[]} what a card says of the member's role in the room
 */
export function roleHere(state) {
  switch (state?.role_here) {
    case "owner":
      return [gettext("Owner of this room")];
    case "moderator":
      return [gettext("Moderator of this room")];
    default:
      return [];
  }
}
