import { gettext } from "../helpers/i18n.js";

/** @typedef {"" | "keep" | "half" | "hour" | "four" | "day" | "week"} Ends when a status is to end */
/** @typedef {{ emoji: string, text: string, ends: Ends }} QuickStatus */

const MINUTE = 60_000;

/** @returns {QuickStatus[]} what people say most */
export function quickStatuses() {
  return [
    { emoji: "🗓️", text: gettext("In a meeting"), ends: "hour" },
    { emoji: "🍜", text: gettext("At lunch"), ends: "hour" },
    { emoji: "🎧", text: gettext("Focusing"), ends: "four" },
    { emoji: "🌴", text: gettext("On holiday"), ends: "week" },
  ];
}

/** @returns {[Ends, string][]} */
export function endChoices() {
  return [
    ["", gettext("Do not clear")],
    ["half", gettext("30 minutes")],
    ["hour", gettext("1 hour")],
    ["four", gettext("4 hours")],
    ["day", gettext("Today")],
    ["week", gettext("This week")],
  ];
}

/**
 * @param {Ends} ends
 * @param {number} now milliseconds since 1970
 * @returns {number | null} when that is; null: never
 */
export function endOf(ends, now) {
  const day = new Date(now);
  switch (ends) {
    case "half":
      return now + 30 * MINUTE;
    case "hour":
      return now + 60 * MINUTE;
    case "four":
      return now + 240 * MINUTE;
    case "day":
      return day.setHours(24, 0, 0, 0);
    case "week": {
      // Until Monday begins.
      const days = 7 - ((day.getDay() + 6) % 7);
      day.setHours(0, 0, 0, 0);
      return day.setDate(day.getDate() + days);
    }
    default:
      return null;
  }
}
