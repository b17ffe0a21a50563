/*
 * The catalogue of the page: every text that people read comes through here. The English text is
 * the key, as with Django's gettext, so a text without a translation is shown as it stands. Pass
 * literals only: a test collects them from the source.
 */

/** Texts by their English; a list has one text a plural form. In the page unless that is in English. */
/** @type {Record<string, string | string[]>} */
const catalogue = JSON.parse(globalThis.document?.querySelector("#catalogue")?.textContent || "{}");

/** Of the site; times are written as the reader is used to. */
export const language = globalThis.document?.documentElement?.lang || "en";

/**
 * @param {string} text
 * @returns {string}
 */
export function gettext(text) {
  const translated = catalogue[text];
  return typeof translated === "string" ? translated : text;
}

/**
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @returns {string} the form for this count, with `{count}` filled in
 */
export function ngettext(one, many, count) {
  const forms = catalogue[one];
  const [singular = one, plural = many] = Array.isArray(forms) ? forms : [one, many];
  return interpolate(count === 1 ? singular : plural, { count: count.toLocaleString() });
}

/**
 * The same for a sentence with elements in it, such as a name that may be written in another direction.
 *
 * @param {string} text with `{name}` where a value goes
 * @param {Record<string, string | number | Node>} values
 * @returns {(string | Node)[]}
 */
export function interpolateNodes(text, values) {
  return text.split(/(\{\w+\})/).flatMap((part) => {
    const value = part.startsWith("{") ? values[part.slice(1, -1)] : undefined;
    const filled = value ?? part;
    return filled === "" ? [] : [filled instanceof Node ? filled : String(filled)];
  });
}

/**
 * @param {string} text with `{name}` where a value goes
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function interpolate(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
