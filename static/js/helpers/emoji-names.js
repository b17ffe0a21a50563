/** @typedef {{ emoji: string, names: string[] }} Emoji */

/** @type {Promise<Emoji[]> | null} */
let fetched = null;

/**
 * @param {string} typed a word, perhaps as `:shortcode:`
 * @returns {Promise<{ emoji: string, name: string }[]>} names that begin so before names with such a word
 *   in them; fetched when they are needed for the first time
 */
export async function emojiNamed(typed) {
  const start = typed.toLowerCase().replaceAll(":", "").replaceAll(" ", "_");
  const begins = [];
  const contains = [];
  for (const { emoji, names } of await allEmoji()) {
    const beginning = names.find((name) => name.startsWith(start));
    const containing = beginning ?? names.find((name) => name.includes(`_${start}`));
    if (beginning) {
      begins.push({ emoji, name: beginning });
    } else if (containing) {
      contains.push({ emoji, name: containing });
    }
  }
  // The shortest is the nearest to what was typed: a cup of tea before a teacher.
  begins.sort((one, other) => one.name.length - other.name.length);
  return [...begins, ...contains];
}

/** @returns {Promise<Emoji[]>} */
function allEmoji() {
  fetched ??= fetch("/emoji.json")
    .then((answer) => answer.json())
    .then((/** @type {string[][]} */ all) =>
      all.map(([emoji = "", ...names]) => ({ emoji, names })),
    )
    .catch(() => {
      fetched = null;
      return [];
    });
  return fetched;
}
