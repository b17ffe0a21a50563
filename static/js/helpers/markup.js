/** What rendered Markdown consists of, and which attributes each element may bear. */
/** @type {Record<string, string[]>} */
const ALLOWED = {
  A: ["href"],
  B: [],
  BLOCKQUOTE: ["dir"],
  BR: [],
  CODE: ["class"],
  DEL: [],
  DIV: ["class"],
  EM: [],
  H1: [],
  H2: [],
  H3: [],
  H4: [],
  H5: [],
  H6: [],
  HR: [],
  I: [],
  LI: ["value"],
  OL: ["start", "class", "dir"],
  P: ["dir"],
  PRE: ["class", "dir"],
  S: [],
  SPAN: ["class"],
  STRONG: [],
  UL: ["dir"],
};
/** Their text is no text for readers. */
const DROPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "IFRAME", "NOSCRIPT", "TITLE"]);
const ADDRESS = /^(?:https?:\/\/|mailto:|\/(?!\/)|#)/i;

/**
 * The server's sanitised HTML as nodes. It is sanitised there; this list is the second belt:
 * whatever is not on it stays text.
 *
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function nodesOf(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fragment = document.createDocumentFragment();
  fragment.append(...[...parsed.body.childNodes].flatMap(adopted));
  return fragment;
}

/**
 * @param {Node} node
 * @returns {Node[]}
 */
function adopted(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    return [document.createTextNode(node.textContent ?? "")];
  }
  if (!(node instanceof Element) || DROPPED.has(node.tagName)) {
    return [];
  }
  const children = [...node.childNodes].flatMap(adopted);
  const attributes = node instanceof HTMLElement ? ALLOWED[node.tagName] : undefined;
  if (!attributes) {
    return children;
  }
  const copy = document.createElement(node.tagName);
  for (const name of attributes) {
    const value = node.getAttribute(name);
    if (value !== null && (name !== "href" || ADDRESS.test(value))) {
      copy.setAttribute(name, value);
    }
  }
  if (copy instanceof HTMLAnchorElement && copy.origin !== location.origin) {
    copy.target = "_blank";
    copy.rel = "noopener noreferrer nofollow ugc";
  }
  if (copy.tagName === "PRE") {
    // What scrolls must be reached by the keyboard too.
    copy.tabIndex = 0;
  }
  copy.append(...children);
  return [copy];
}

/**
 * @param {Element} element
 * @returns {string} what is in it, to be read by `nodesOf` again
 */
export function markupOf(element) {
  const serializer = new XMLSerializer();
  return [...element.childNodes].map((node) => serializer.serializeToString(node)).join("");
}
