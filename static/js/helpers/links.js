/**
 * Addresses within a text: where one begins and ends. The server has the same rules
 * (chat/messages/links.py); both are tried with the cases of tests/js/addresses.json.
 */

/** Punctuation ends an address, but for the ASCII kind and what stands between parts of names. */
const RUN =
  /https?:\/\/(?=[\p{L}\p{N}[])(?:[^\s<>"`\\|\p{Po}\p{Pi}\p{Pf}\p{Ps}\p{Pe}\uff1c\uff1e\uff5c\uff5e\u301c]|[!#%&'()*,./:;?@[\]{}\u2019\u00b7\u30fb\uff65\u2027])*/iu;
const START = /(?<![A-Za-z0-9])https?:\/\//giu;
/** At the end these belong to the sentence, and a dash of any kind. */
const OF_THE_SENTENCE = /[.,;:!?'*~([{\u2019\u2013\u2014\u30fb\uff65]+$/u;
const OF_THE_SENTENCE_IN_ITALICS = /[_.,;:!?'*~([{\u2019\u2013\u2014\u30fb\uff65]+$/u;
const ADDRESS = /^https?:\/\/[^\s/]/iu;
/** @type {Record<string, string>} */
const OPENING = { ")": "(", "]": "[", "}": "{" };

/**
 * @param {string} text
 * @returns {[number, number][]} where each address begins and ends
 */
export function addressesIn(text) {
  /** @type {[number, number][]} */
  const found = [];
  for (const { index } of text.matchAll(START)) {
    const address = index < (found.at(-1)?.[1] ?? 0) ? "" : addressAt(text, index);
    if (address !== "") {
      found.push([index, index + address.length]);
    }
  }
  return found;
}

/**
 * @param {string} text
 * @param {number} start
 */
function addressAt(text, start) {
  const run = RUN.exec(text.slice(start));
  if (run?.index !== 0) {
    return "";
  }
  const strange = text.charAt(start - 1) === "_" ? OF_THE_SENTENCE_IN_ITALICS : OF_THE_SENTENCE;
  const address = upToUnbalanced(run[0]).replace(strange, "");
  return ADDRESS.test(address) ? address : "";
}

/** @param {string} run up to where a bracket closes that was opened before */
function upToUnbalanced(run) {
  /** @type {Record<string, number>} */
  const open = { "(": 0, "[": 0, "{": 0 };
  for (const { 0: bracket, index } of run.matchAll(/[()[\]{}]/gu)) {
    const opening = OPENING[bracket];
    if (opening === undefined) {
      open[bracket] = (open[bracket] ?? 0) + 1;
    } else if (open[opening]) {
      open[opening] -= 1;
    } else {
      return run.slice(0, index);
    }
  }
  return run;
}

/**
 * @param {string} text
 * @returns {(string | HTMLAnchorElement)[]} the same text, its web addresses as links
 */
export function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const [from, to] of addressesIn(text)) {
    parts.push(text.slice(end, from), linkTo(text.slice(from, to)));
    end = to;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

/** @param {string} address */
function linkTo(address) {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  return link;
}
