/**
 * What counts as emoji: one rule, which the server has too (chat/emoji.py). Not the browser's
 * own lists: it may be older than the server, or younger.
 */
const PICTOGRAPHIC =
  "\\u00a9\\u00ae\\u203c\\u2049\\u2122\\u2139\\u2194-\\u2199\\u21a9\\u21aa\\u231a\\u231b\\u2328\\u2388\\u23cf" +
  "\\u23e9-\\u23f3\\u23f8-\\u23fa\\u24c2\\u25aa\\u25ab\\u25b6\\u25c0\\u25fb-\\u25fe\\u2600-\\u2605" +
  "\\u2607-\\u2612\\u2614-\\u2685\\u2690-\\u2705\\u2708-\\u2712\\u2714\\u2716\\u271d\\u2721\\u2728\\u2733" +
  "\\u2734\\u2744\\u2747\\u274c\\u274e\\u2753-\\u2755\\u2757\\u2763-\\u2767\\u2795-\\u2797\\u27a1\\u27b0\\u27bf" +
  "\\u2934\\u2935\\u2b05-\\u2b07\\u2b1b\\u2b1c\\u2b50\\u2b55\\u3030\\u303d\\u3297\\u3299" +
  "\\u{1f000}-\\u{1f0ff}\\u{1f10d}-\\u{1f10f}\\u{1f12f}\\u{1f16c}-\\u{1f171}" +
  "\\u{1f17e}\\u{1f17f}\\u{1f18e}\\u{1f191}-\\u{1f19a}\\u{1f1ad}-\\u{1f1e5}" +
  "\\u{1f201}-\\u{1f20f}\\u{1f21a}\\u{1f22f}\\u{1f232}-\\u{1f23a}\\u{1f23c}-\\u{1f23f}" +
  "\\u{1f249}-\\u{1f3fa}\\u{1f400}-\\u{1f53d}\\u{1f546}-\\u{1f64f}\\u{1f680}-\\u{1f6ff}\\u{1f774}-\\u{1f77f}" +
  "\\u{1f7d5}-\\u{1f7ff}\\u{1f80c}-\\u{1f80f}\\u{1f848}-\\u{1f84f}\\u{1f85a}-\\u{1f85f}" +
  "\\u{1f888}-\\u{1f88f}\\u{1f8ae}-\\u{1f8ff}\\u{1f90c}-\\u{1f93a}\\u{1f93c}-\\u{1f945}" +
  "\\u{1f947}-\\u{1faff}\\u{1fc00}-\\u{1fffd}";
const TONES = "\\u{1f3fb}-\\u{1f3ff}";
const PICTURE = `[${PICTOGRAPHIC}](?:\\ufe0f|[${TONES}])?`;
const ONE = [
  `${PICTURE}(?:\\u200d${PICTURE})*(?:[\\u{e0020}-\\u{e007e}]+\\u{e007f})?`,
  "[\\u{1f1e6}-\\u{1f1ff}]{2}",
  "[0-9#*]\\ufe0f?\\u20e3",
  `(?<![${PICTOGRAPHIC}])[${TONES}]`,
].join("|");
const EMOJI = new RegExp(`^(?:${ONE})+$`, "u");
/** More characters than this are a message and no cheer. */
const MOST = 24;

/**
 * @param {string} text
 * @returns {boolean} whether this is one emoji or several, and nothing else
 */
export function isEmoji(text) {
  return EMOJI.test(text);
}

/**
 * @param {string} text
 * @returns {boolean} whether it is a few emoji, perhaps with spaces between, and nothing else
 */
export function isOnlyEmoji(text) {
  return (
    text.length <= 3 * MOST && Array.from(text).length <= MOST && isEmoji(text.replace(/\s/gu, ""))
  );
}
