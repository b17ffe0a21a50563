import { language } from "./i18n.js";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const DAY_OF_ANOTHER_YEAR = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const SHORT_DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const RELATIVE = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** @param {Date} date */
export function clockTime(date) {
  return CLOCK.format(date);
}

/** @param {Date} date */
export function fullTime(date) {
  return FULL.format(date);
}

/**
 * @param {number} moment
 * @returns {string} the time, with the day unless that is today
 */
export function momentText(moment) {
  const date = new Date(moment);
  const isToday = localDay(date) === localDay(new Date());
  return new Intl.DateTimeFormat(undefined, {
    timeStyle: "short",
    ...(!isToday && { dateStyle: "medium" }),
  }).format(date);
}

/**
 * @param {Date} date
 * @returns {string} the time, or the day unless that is today: for narrow places
 */
export function shortMoment(date) {
  const isToday = localDay(date) === localDay(new Date());
  return isToday ? clockTime(date) : SHORT_DAY.format(date);
}

/**
 * @param {Date} date
 * @returns {string} the reader's day, as a key
 */
export function localDay(date) {
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/**
 * @param {Date} date
 * @param {Date} now
 * @returns {string} Today, Yesterday, or the day
 */
export function dayLabel(date, now = new Date()) {
  for (const days of [0, -1]) {
    // By the calendar, since a day may have 23 or 25 hours; at noon, since some have no midnight.
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 12);
    if (localDay(date) === localDay(day)) {
      const label = RELATIVE.format(days, "day");
      return label.charAt(0).toUpperCase() + label.slice(1);
    }
  }
  const format = date.getFullYear() === now.getFullYear() ? DAY : DAY_OF_ANOTHER_YEAR;
  return format.format(date);
}

/**
 * @param {Date} now
 * @returns {number} milliseconds until the reader's next day
 */
function untilMidnight(now = new Date()) {
  const midnight = new Date(now);
  midnight.setHours(24, 0, 0, 0);
  return midnight.getTime() - now.getTime();
}

/** @param {() => void} then each time that the reader's day ends */
export function onMidnight(then) {
  setTimeout(() => {
    then();
    onMidnight(then);
  }, untilMidnight() + 1_000);
}

/** @returns {number} milliseconds since 1970, finer than Date.now() and never going back */
export function preciseNow() {
  return performance.timeOrigin + performance.now();
}

/**
 * @param {string} iso
 * @returns {number} milliseconds since 1970, with the microseconds that Date drops
 */
export function preciseTime(iso) {
  const finer = /\.\d{3}(\d{1,3})/.exec(iso)?.[1] ?? "0";
  return Date.parse(iso) + Number(`0.${finer}`);
}
