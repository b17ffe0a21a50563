/** A longer list is not read. Names. */
const MOST_OFFERED = 8;
/** An @ at the beginning of a word, and what was typed after it. */
const CALL = /(?:^|[\s([{"'])@([^\s@]{0,32})$/u;

/**
 * @param {string} text
 * @param {number} caret
 * @returns {{ from: number, typed: string } | null} the name that is being typed before the caret
 */
export function mentionAt(text, caret) {
  const typed = CALL.exec(text.slice(0, caret))?.[1];
  return typed === undefined ? null : { from: caret - typed.length - 1, typed };
}

/**
 * @param {string} typed
 * @param {Iterable<string>} names the likeliest first
 * @returns {string[]} those that begin so, then those of which a later word begins so
 */
export function suggestions(typed, names) {
  const start = folded(typed);
  const known = [...new Set(names)];
  const first = known.filter((name) => folded(name).startsWith(start));
  const later = known.filter(
    (name) =>
      !first.includes(name) &&
      folded(name)
        .split(/[\s_.-]+/u)
        .some((word) => word.startsWith(start)),
  );
  return [...first, ...later].slice(0, MOST_OFFERED);
}

/** @param {string} text */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
