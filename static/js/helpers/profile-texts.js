import { gettext, interpolate } from "./i18n.js";
import { momentText } from "./time.js";

/** @import { Details } from "../elements/profile-card.js" */
/** @import { MemberFace, MemberShown, Status } from "../protocol.js" */

/**
 * @param {Status} [status]
 * @param {number} ahead how far this clock is ahead of the server's, in milliseconds
 * @returns {string} empty: there is none
 */
export function statusText(status, ahead = 0) {
  const { emoji = "", text = "", until } = status ?? {};
  const said = [emoji, text].filter(Boolean).join(" ");
  if (!said || !until) {
    return said;
  }
  const time = momentText(Date.parse(until) + ahead);
  return interpolate(gettext("{status} · until {time}"), { status: said, time });
}

/**
 * @param {string} zone as IANA names it
 * @param {Date} now
 * @returns {string} what time it is there; empty where that is not known
 */
export function timeThere(zone, now) {
  if (!zone) {
    return "";
  }
  try {
    const format = { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: zone };
    const time = new Intl.DateTimeFormat(undefined, /** @type {any} */ (format)).format(now);
    return interpolate(gettext("{time} local time"), { time });
  } catch {
    // A zone that is newer than this browser.
    return "";
  }
}

/**
 * @param {MemberFace | undefined} face
 * @param {MemberShown | null} state
 * @param {number} serverNow
 * @returns {Details}
 */
export function detailsOf(face, state, serverNow) {
  const { pronouns, about, time_zone = "" } = state?.profile ?? {};
  return {
    handle: face?.handle,
    pronouns,
    about,
    status: statusText(face?.status, Date.now() - serverNow),
    localTime: timeThere(time_zone, new Date(serverNow)),
    formerNames: (state?.former_names ?? []).map(({ name }) => name),
  };
}
