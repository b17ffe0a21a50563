/** A longer list is not read. */
const MOST_OFFERED = 8;
/** Each sign at the beginning of a word, and what was typed after it. `:)` is not an emoji's name. */
const TRIGGERS = [
  /(?:^|[\s([{"'])(@)([^\s@]{0,32})$/u,
  /(?:^|[\s([{"'])(#)([^\s#]{0,32})$/u,
  /(?:^|[\s([{"'])(:)([\p{L}\p{N}_+-]{2,32})$/u,
];

/**
 * @typedef {{ sign: string, from: number, typed: string }} Trigger `from`: where the sign stands
 */

/**
 * @param {string} text
 * @param {number} caret
 * @returns {Trigger | null} what is being called by its name before the caret
 */
export function triggerAt(text, caret) {
  for (const pattern of TRIGGERS) {
    const [, sign, typed] = pattern.exec(text.slice(0, caret)) ?? [];
    if (sign !== undefined && typed !== undefined) {
      return { sign, typed, from: caret - typed.length - 1 };
    }
  }
  return null;
}

/**
 * @template {{ name: string, handle?: string }} T
 * @param {string} typed
 * @param {Iterable<T>} known the likeliest first
 * @returns {T[]} those whose name or handle begins so, then those of which a later word begins so
 */
export function suggestions(typed, known) {
  const start = folded(typed);
  const all = [...new Map([...known].reverse().map((one) => [one.name, one])).values()].reverse();
  const first = all.filter(
    ({ name, handle = "" }) => folded(name).startsWith(start) || handle.startsWith(start),
  );
  const later = all.filter(
    (one) =>
      !first.includes(one) &&
      folded(one.name)
        .split(/[\s_.-]+/u)
        .some((word) => word.startsWith(start)),
  );
  return [...first, ...later].slice(0, MOST_OFFERED);
}

/** @param {string} text */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
