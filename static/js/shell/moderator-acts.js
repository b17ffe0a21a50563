import { gettext } from "../helpers/i18n.js";

/** @import { CardAction } from "../elements/profile-card.js" */
/** @import { MemberFace, MemberRef, MemberShown } from "../protocol.js" */
/** @import { MemberModeration } from "./member-moderation.js" */
/** @import { Outcome } from "./outcomes.js" */

/**
 * What a moderator of the site may do to this member now, and nothing else.
 *
 * @param {{
 *   member: MemberRef, state: MemberShown, face: MemberFace | undefined, now: number,
 *   moderation: MemberModeration, act: (act: () => Promise<Outcome | null>) => void,
 * }} parts `now`: by the server's clock
 * @returns {CardAction[]}
 */
export function moderatorActs({ member, state, face, now, moderation, act }) {
  const { may, muted_until, banned, left, role } = state;
  /** @type {CardAction[]} */
  const acts = [];
  /** @type {(label: string, what: () => Promise<Outcome | null>, isDanger?: boolean) => void} */
  const add = (label, what, isDanger = false) => {
    acts.push({ label, run: () => act(what), isDanger, isModeration: true });
  };
  if (may.includes("mute") && muted_until) {
    const left_s = (Date.parse(muted_until) - now) / 1_000;
    add(gettext("Unmute"), () => moderation.unmute(member, Math.round(left_s)));
  } else if (may.includes("mute") && !left && !banned) {
    add(gettext("Mute…"), () => moderation.mute(member), true);
  }
  if (may.includes("ban") && banned) {
    add(gettext("Unban"), () => moderation.unban(member));
  } else if (may.includes("ban")) {
    add(gettext("Ban…"), () => moderation.ban(member), true);
  }
  if (may.includes("mute") && face?.picture) {
    add(gettext("Remove picture…"), () => moderation.clear(member, "picture"), true);
  }
  if (may.includes("mute") && (state.profile?.pronouns || state.profile?.about || face?.status)) {
    add(gettext("Remove profile texts…"), () => moderation.clear(member, "texts"), true);
  }
  if (may.includes("appoint") && role === "moderator") {
    add(gettext("Remove moderator role…"), () => moderation.appoint(member, false), true);
  } else if (may.includes("appoint") && !left && !banned) {
    add(gettext("Make moderator…"), () => moderation.appoint(member, true));
  }
  return acts;
}
