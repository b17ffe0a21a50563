/*
 * A page for tests on Node: import it by `#dom`, which stands before the modules under test, since
 * an element needs HTMLElement as soon as it is read. Every test begins with an empty page.
 *
 * There is no layout: sizes are 0, nothing scrolls and CSS is not applied. What depends on those
 * belongs to a browser test.
 */
import { beforeEach } from "node:test";
import { Window } from "happy-dom";

const window = new Window({ url: "http://chat.test/rooms/lobby/", width: 1280, height: 800 });

/** Node has these too, but an element takes only those of its page. */
const OF_THE_PAGE = ["CustomEvent", "Event", "EventTarget", "FormData", "MessageEvent"];

for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis) || OF_THE_PAGE.includes(name)) {
    const value = /** @type {any} */ (window)[name];
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
addWhatIsMissing();

beforeEach(() => {
  document.body.replaceChildren();
  document.body.removeAttribute("class");
  localStorage.clear();
  sessionStorage.clear();
});

/**
 * Defines elements, each by its tag. As on the page, inner elements come before outer ones.
 *
 * @param {Record<string, CustomElementConstructor>} elements
 */
export function define(elements) {
  for (const [tag, type] of Object.entries(elements)) {
    customElements.define(tag, type);
  }
}

/**
 * Puts markup on the page.
 *
 * @template {HTMLElement} T
 * @param {string} markup
 * @param {new () => T} [type] of the first element
 * @returns {T} the first element
 */
export function show(markup, type) {
  document.body.insertAdjacentHTML("beforeend", markup);
  const element = document.body.querySelector(/^\s*<([\w-]+)/.exec(markup)?.[1] ?? "*");
  if (!(element instanceof (type ?? HTMLElement))) {
    throw new Error("The markup begins with another element");
  }
  return /** @type {T} */ (element);
}

/**
 * Presses a key where the focus is. Text that a key would type is not typed: see `type`.
 *
 * @param {string} key as "Enter", "Shift+Tab" or "Control+b"
 * @param {EventTarget} [target]
 * @returns {boolean} whether the page left the key to the browser
 */
export function press(key, target = document.activeElement ?? document.body) {
  const [last = "", ...held] = key.split("+").reverse();
  const event = new KeyboardEvent("keydown", {
    key: last,
    bubbles: true,
    cancelable: true,
    shiftKey: held.includes("Shift"),
    ctrlKey: held.includes("Control"),
    altKey: held.includes("Alt"),
    metaKey: held.includes("Meta"),
  });
  return target.dispatchEvent(event);
}

/**
 * Types into a field as a person does: a key, the text, an input event for each character.
 *
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {string} text
 */
export function type(field, text) {
  field.focus();
  for (const character of text) {
    if (press(character, field)) {
      const { selectionStart, selectionEnd } = field;
      field.setRangeText(character, selectionStart ?? 0, selectionEnd ?? 0, "end");
      field.dispatchEvent(
        new InputEvent("input", { bubbles: true, data: character, inputType: "insertText" }),
      );
    }
  }
}

/**
 * What an element emits, in order.
 *
 * @param {EventTarget} element
 * @param {...string} names of the events that are collected
 * @returns {{ name: string, detail: any }[]} grows as events come
 */
export function emitted(element, ...names) {
  /** @type {{ name: string, detail: any }[]} */
  const events = [];
  for (const name of names) {
    element.addEventListener(name, (event) => {
      events.push({ name, detail: /** @type {CustomEvent} */ (event).detail });
    });
  }
  return events;
}

/** What browsers have and this page would lack: ARIA properties, popovers. */
function addWhatIsMissing() {
  const reflected = {
    enterKeyHint: "enterkeyhint",
    ariaActiveDescendant: "aria-activedescendant",
    ariaBusy: "aria-busy",
    ariaChecked: "aria-checked",
    ariaCurrent: "aria-current",
    ariaDisabled: "aria-disabled",
    ariaExpanded: "aria-expanded",
    ariaHidden: "aria-hidden",
    ariaInvalid: "aria-invalid",
    ariaLabel: "aria-label",
    ariaLive: "aria-live",
    ariaModal: "aria-modal",
    ariaPressed: "aria-pressed",
    ariaSelected: "aria-selected",
  };
  for (const [property, attribute] of Object.entries(reflected)) {
    Object.defineProperty(HTMLElement.prototype, property, {
      configurable: true,
      get() {
        return this.getAttribute(attribute);
      },
      set(value) {
        if (value === null) {
          this.removeAttribute(attribute);
        } else {
          this.setAttribute(attribute, value);
        }
      },
    });
  }
  const { matches } = Element.prototype;
  Object.assign(HTMLElement.prototype, {
    /** @this {HTMLElement} */
    showPopover() {
      this.togglePopover(true);
    },
    /** @this {HTMLElement} */
    hidePopover() {
      this.togglePopover(false);
    },
    /**
     * @this {HTMLElement}
     * @param {boolean} [force]
     */
    togglePopover(force) {
      const wasOpen = openPopovers.has(this);
      const isOpen = force ?? !wasOpen;
      if (isOpen !== wasOpen) {
        turnPopover(this, isOpen);
      }
      return isOpen;
    },
    /**
     * @this {HTMLElement}
     * @param {string} selector
     */
    matches(selector) {
      return selector === ":popover-open" ? openPopovers.has(this) : matches.call(this, selector);
    },
  });
}

/** @type {WeakSet<HTMLElement>} */
const openPopovers = new WeakSet();

/**
 * @param {HTMLElement} element
 * @param {boolean} isOpen
 */
function turnPopover(element, isOpen) {
  const [oldState, newState] = isOpen ? ["closed", "open"] : ["open", "closed"];
  element.dispatchEvent(Object.assign(new Event("beforetoggle"), { oldState, newState }));
  if (isOpen) {
    openPopovers.add(element);
  } else {
    openPopovers.delete(element);
  }
  element.dispatchEvent(Object.assign(new Event("toggle"), { oldState, newState }));
}
