import { language, ngettext } from "./i18n.js";
import { addressesIn } from "./links.js";

/** How a terminal is told to change colours; what is left of it without its ESC is litter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const TERMINAL_SEQUENCE = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g;
/** What ends a line somewhere: Windows, old Macs, slides, page breaks, mainframes, Unicode. */
const LINE_END = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
/** Controls, halves of surrogate pairs, and code points that are no characters. */
const UNSTORABLE = /(?![\t\n])[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** What nobody is called in: code, and links with their text. */
const CODE_AND_LINKS =
  /(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)|^```[\s\S]*$|\[[^\]\n]*\]\((?:https?:|mailto:)[^)\n]*\)|<mailto:[^>\s]*>/gimu;
/** After these an @ stands in an address, of mail or of a page. */
const WITHIN_ADDRESS = /[\p{L}\p{N}.+%/@=#-]/u;
const UNSPACED = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}]/u;
/** A word does not end before these. */
const WORD_GOES_ON = /^[\p{L}\p{N}_]/u;
/** A name does not end before these: `@annette`, `@ann.example`, `@ann@example.org`. */
const GOES_ON = /^(?:[\p{L}\p{N}@]|[_.-]+[\p{L}\p{N}])/u;

/**
 * @param {string} text
 * @param {string} name
 * @returns {boolean} whether the text calls this name with an at sign, outside of code and links
 */
export function mentions(text, name) {
  return text.includes("@") && callsIn(spoken(text), [name]).length > 0;
}

/**
 * @param {string} text without code and links
 * @param {readonly string[]} names
 * @param {{ areKnown?: boolean }} [how] `areKnown`: the server found these words there
 * @returns {[from: number, to: number, name: string][]} where these are called with an at sign; of two
 *   names that begin at the same place, the longer one
 */
export function callsIn(text, names, { areKnown = false } = {}) {
  const goesOn = areKnown ? WORD_GOES_ON : GOES_ON;
  const lower = text.toLocaleLowerCase();
  /** @type {[number, number, string][]} */
  const found = [];
  for (let at = lower.indexOf("@"); at !== -1; at = lower.indexOf("@", at + 1)) {
    const before = lower.slice(0, at).match(/.$/su)?.[0] ?? "";
    if (!WITHIN_ADDRESS.test(before) || UNSPACED.test(before)) {
      const called = names.filter((name) => isCalledAt(lower, at, name, goesOn));
      const [name] = called.sort((one, other) => other.length - one.length);
      if (name !== undefined) {
        found.push([at, at + 1 + name.length, name]);
      }
    }
  }
  return found;
}

/**
 * @param {string} lower
 * @param {number} at of an at sign
 * @param {string} name
 * @param {RegExp} goesOn what the name does not end before
 */
function isCalledAt(lower, at, name, goesOn) {
  const called = name.toLocaleLowerCase();
  return (
    called !== "" &&
    lower.startsWith(called, at + 1) &&
    !goesOn.test(lower.slice(at + 1 + called.length))
  );
}

/** @param {string} text without what nobody is called in */
function spoken(text) {
  let rest = text.replace(CODE_AND_LINKS, " ");
  for (const [from, to] of addressesIn(rest).reverse()) {
    rest = `${rest.slice(0, from)} ${rest.slice(to)}`;
  }
  return rest;
}

/**
 * As the server does with what comes by a form (chat/messages/text.py).
 *
 * @param {string} text as it was typed or pasted
 * @returns {string} the same with one kind of line end, without what cannot be stored
 */
export function cleanText(text) {
  return text.replace(TERMINAL_SEQUENCE, "").replace(LINE_END, "\n").replace(UNSTORABLE, "");
}

/**
 * @param {string} text
 * @returns {string} equal for texts that differ only by case and accents
 */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * As the server counts: in code points.
 *
 * @param {string} text
 */
export function lengthOf(text) {
  return Array.from(text).length;
}

/**
 * @param {string[]} names
 * @returns {string} "Ann", "Ann and Ben", "Ann, Ben and 3 others"
 */
export function listed(names) {
  return listedParts(names)
    .map(({ value }) => value)
    .join("");
}

/**
 * @param {string[]} names
 * @param {number} most how many are named
 * @returns {{ type: "element" | "literal", value: string }[]} the same in parts: names are elements
 */
export function listedParts(names, most = 3) {
  const shown = names.length <= most ? names : names.slice(0, most - 1);
  const left = names.length - shown.length;
  const others = left > 0 ? [ngettext("{count} other", "{count} others", left)] : [];
  return new Intl.ListFormat(language).formatToParts([...shown, ...others]);
}
