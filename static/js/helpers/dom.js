/**
 * The element that the page promises to have.
 *
 * @template {Element} T
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function find(parent, selector, type) {
  const element = parent.querySelector(selector);
  if (!(element instanceof type)) {
    throw new Error(`The page lacks ${selector}`);
  }
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} name of a symbol in templates/chat/_icons.html
 * @returns {SVGElement}
 */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  drawing.append(use);
  return drawing;
}

/**
 * Tells those further up, as elements of this page do.
 *
 * @param {EventTarget} element
 * @param {string} name
 * @param {unknown} detail
 */
export function emit(element, name, detail = undefined) {
  element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

/**
 * Hears what is told.
 *
 * @param {EventTarget} teller
 * @param {string} name
 * @param {(detail: any) => void} then
 * @param {AbortSignal} [signal] ends the listening
 */
export function on(teller, name, then, signal) {
  const listener = (/** @type {Event} */ event) => then(/** @type {CustomEvent} */ (event).detail);
  teller.addEventListener(name, listener, { signal });
}

/**
 * The mark of a member: templates/chat/_message.html writes the same, and static/css/avatar.css draws it.
 * Who has a picture is shown by it (member-pictures.js).
 *
 * @param {HTMLElement} element
 * @param {{ id: number }} member
 */
export function fillAvatar(element, { id }) {
  element.dataset.mark = String(id % 100).padStart(2, "0");
  element.dataset.face = String(id);
}

/**
 * Makes these the children at the head of a list. What stays in its place is not touched, so it keeps
 * the focus, and a screen reader announces only what is put in. What is to go is removed before.
 *
 * @param {Element} list
 * @param {Element[]} children
 */
export function placeInOrder(list, children) {
  let next = list.firstElementChild;
  for (const child of children) {
    if (child === next) {
      next = child.nextElementSibling;
    } else {
      list.insertBefore(child, next);
    }
  }
}

/**
 * Enter, Escape and arrows belong to an input method while it composes a word. Safari ends the
 * composition before the key that confirms it, and marks that key by 229.
 *
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

/**
 * A name within a sentence: whichever way it is written, it does not turn the words around it.
 *
 * @param {string} name
 */
export function isolated(name) {
  return make("bdi", {}, name);
}

/** @returns {boolean} whether the main pointer is a finger */
export function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}

/** @returns {string} the address of the room that this page shows, whichever message it names */
export function roomPath() {
  return /^\/rooms\/[^/]+\//.exec(location.pathname)?.[0] ?? "/";
}
