import { isolated } from "./dom.js";
import { gettext, interpolateNodes } from "./i18n.js";

/** What is said of an act, whole sentences for each of the times that the dialogs offer. */

/**
 * @param {string} name
 * @param {number} seconds
 */
export function mutedSentence(name, seconds) {
  /** @type {Record<number, string>} */
  const sentences = {
    600: gettext("{name} was muted for 10 minutes."),
    3600: gettext("{name} was muted for an hour."),
    86400: gettext("{name} was muted for a day."),
    604800: gettext("{name} was muted for a week."),
  };
  return about(name, sentences[seconds] ?? gettext("{name} is muted again."));
}

/**
 * @param {string} name
 * @param {number | null} seconds null: for good
 */
export function bannedSentence(name, seconds) {
  /** @type {Record<number, string>} */
  const sentences = {
    600: gettext("{name} was banned for 10 minutes."),
    3600: gettext("{name} was banned for an hour."),
    86400: gettext("{name} was banned for a day."),
    604800: gettext("{name} was banned for a week."),
  };
  return about(name, sentences[seconds ?? 0] ?? gettext("{name} was banned for good."));
}

/**
 * @param {string} name
 * @param {string} sentence with `{name}` in it
 * @returns {(string | Node)[]}
 */
export function about(name, sentence) {
  return interpolateNodes(sentence, { name: isolated(name) });
}
