const LINK = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/gu;

/**
 * @param {string} text
 * @returns {(string | HTMLAnchorElement)[]} the same text, its web addresses as links
 */
export function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(text.slice(end, match.index), linkTo(match[0]));
    end = match.index + match[0].length;
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

/**
 * @param {string} text
 * @param {string} name
 * @returns {boolean} whether the text calls this name with an @
 */
export function mentions(text, name) {
  const lower = text.toLocaleLowerCase();
  const call = `@${name.toLocaleLowerCase()}`;
  for (let at = lower.indexOf(call); at !== -1; at = lower.indexOf(call, at + 1)) {
    if (!/[\p{L}\p{N}_]/u.test(lower.charAt(at + call.length))) {
      return true;
    }
  }
  return false;
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
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}

/**
 * @param {string[]} names
 * @returns {string} "Ann", "Ann and Ben", "Ann, Ben and 3 others"
 */
export function listed(names) {
  if (names.length <= 3) {
    return new Intl.ListFormat("en").format(names);
  }
  return new Intl.ListFormat("en").format([...names.slice(0, 2), `${names.length - 2} others`]);
}
