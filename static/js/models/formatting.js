/**
 * @typedef {{ from: number, to: number, text: string, start: number, end: number }} Replacement
 *   `text` stands from `from` to `to`, then `start` to `end` is selected
 * @typedef {"bold" | "italic" | "code" | "link"} Format
 */

/** What stands on both sides. */
const MARKS = { bold: "**", italic: "*", code: "`" };
const FENCE = "```";
const ADDRESS = /^https?:\/\/\S+$/i;

/**
 * The selection in a format, or without it if it has it already. Spaces at its ends stay outside, where
 * marks would mean nothing.
 *
 * @param {Format} format
 * @param {string} value the whole text
 * @param {number} start of the selection
 * @param {number} end
 * @returns {Replacement}
 */
export function formatted(format, value, start, end) {
  const selected = value.slice(start, end);
  const from = start + (selected.length - selected.trimStart().length);
  const to = Math.max(from, end - (selected.length - selected.trimEnd().length));
  if (format === "link") {
    return linked(value, from, to);
  }
  if (format === "code" && value.slice(from, to).includes("\n")) {
    return fenced(value, from, to);
  }
  return marked(MARKS[format], value, from, to);
}

/**
 * @param {string} mark
 * @param {string} value
 * @param {number} from
 * @param {number} to
 * @returns {Replacement}
 */
function marked(mark, value, from, to) {
  const inner = value.slice(from, to);
  const { length } = mark;
  if (isMarked(mark, value, from, to)) {
    const start = from - length;
    return { from: start, to: to + length, text: inner, start, end: start + inner.length };
  }
  const start = from + length;
  return { from, to, text: `${mark}${inner}${mark}`, start, end: start + inner.length };
}

/**
 * Whether these marks stand around it. One star of `**bold**` makes nothing italic; three are both.
 *
 * @param {string} mark
 * @param {string} value
 * @param {number} from
 * @param {number} to
 */
function isMarked(mark, value, from, to) {
  const before = /(.)\1*$/su.exec(value.slice(0, from))?.[0] ?? "";
  const after = /^(.)\1*/su.exec(value.slice(to))?.[0] ?? "";
  const both = mark === MARKS.code ? mark : "***";
  return [before, after].every((run) => run === mark || (run === both && run.startsWith(mark)));
}

/**
 * @param {string} value
 * @param {number} from
 * @param {number} to
 * @returns {Replacement}
 */
function fenced(value, from, to) {
  const inner = value.slice(from, to);
  const before = from > 0 && value[from - 1] !== "\n" ? "\n" : "";
  const after = to < value.length && value[to] !== "\n" ? "\n" : "";
  const start = from + before.length + FENCE.length + 1;
  const text = `${before}${FENCE}\n${inner}\n${FENCE}${after}`;
  return { from, to, text, start, end: start + inner.length };
}

/**
 * `[words](…)` with the caret where the address goes; of an address, where the words go.
 *
 * @param {string} value
 * @param {number} from
 * @param {number} to
 * @returns {Replacement}
 */
function linked(value, from, to) {
  const inner = value.slice(from, to);
  const isAddress = ADDRESS.test(inner);
  const text = isAddress ? `[](${inner})` : `[${inner}]()`;
  const caret = isAddress || inner === "" ? from + 1 : from + text.length - 1;
  return { from, to, text, start: caret, end: caret };
}
