import { find } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { pressMine } from "./message-filler.js";

/** What the toolbar offers without asking for more. */
const QUICK_REACTIONS = ["👍", "❤️", "😂"];
/** Of the toolbar, at most. Pixels. */
const HEIGHT = 36;

/**
 * The buttons of the row that is pointed at, and of the one that has the focus. A row has but its ⋯
 * until then: four hundred rows need no two thousand buttons.
 */
export class MessageToolbars {
  #list;
  #template;
  /** @type {Element | null} */
  #pointedAt = null;

  /**
   * @param {HTMLElement} list
   * @param {HTMLTemplateElement} template
   */
  constructor(list, template) {
    this.#list = list;
    this.#template = template;
  }

  connect() {
    const list = this.#list;
    list.addEventListener("pointerover", (event) => {
      if (event.pointerType !== "touch") {
        this.#point(rowOf(event.target));
      }
    });
    list.addEventListener("pointerleave", () => this.#point(null));
    list.addEventListener("focusin", ({ target }) => this.#open(rowOf(target)));
    list.addEventListener("focusout", ({ target, relatedTarget }) => {
      const row = rowOf(target);
      if (row && row !== rowOf(relatedTarget) && row !== this.#pointedAt) {
        close(row);
      }
    });
    list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Element | null} row */
  #point(row) {
    const before = this.#pointedAt;
    if (row !== before) {
      this.#pointedAt = row;
      if (before && !before.contains(document.activeElement)) {
        close(before);
      }
      this.#open(row);
    }
  }

  /** @param {Element | null} row */
  #open(row) {
    const toolbar = row?.querySelector(".message-toolbar");
    if (!row || !toolbar || row.matches(".is-deleted, .is-pending")) {
      return;
    }
    if (toolbar.childElementCount === 1) {
      toolbar.prepend(...this.#buttons());
      setTabStops(row);
    }
    toolbar.classList.toggle("is-below", isAtTop(row, this.#list));
    pressMine(row);
  }

  /** @returns {Element[]} */
  #buttons() {
    const markup = find(this.#template.content, ".toolbar-buttons", HTMLElement);
    const [react, ...others] = /** @type {HTMLElement[]} */ ([
      .../** @type {HTMLElement} */ (document.importNode(markup, true)).children,
    ]);
    const quick = QUICK_REACTIONS.map((emoji) => {
      const button = /** @type {HTMLElement} */ (react?.cloneNode(true));
      button.textContent = emoji;
      button.dataset.emoji = emoji;
      button.ariaLabel = interpolate(gettext("React with {emoji}"), { emoji });
      return button;
    });
    return [...quick, ...others];
  }

  /**
   * Enter or → on a row goes into its toolbar, ← and → along it, Escape back to the row.
   *
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const target = /** @type {Element} */ (event.target);
    const row = rowOf(target);
    if (!row || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const next = target === row ? into(row, event.key) : along(row, target, event.key);
    if (next) {
      event.preventDefault();
      event.stopPropagation();
      next.focus();
    }
  }
}

/**
 * @param {Element} row
 * @param {string} key
 */
function into(row, key) {
  const isWanted = key === "Enter" || key === forwards(row);
  return isWanted ? buttonsOf(row)[0] : undefined;
}

/**
 * @param {Element} row
 * @param {Element} button
 * @param {string} key
 * @returns {HTMLElement | undefined}
 */
function along(row, button, key) {
  const buttons = buttonsOf(row);
  const at = buttons.indexOf(/** @type {HTMLElement} */ (button));
  if (at === -1) {
    return undefined;
  }
  if (key === "Escape") {
    return /** @type {HTMLElement} */ (row);
  }
  const step = key === forwards(row) ? 1 : key === backwards(row) ? -1 : 0;
  return step === 0 ? undefined : buttons[(at + step + buttons.length) % buttons.length];
}

/** @param {Element} row */
function forwards(row) {
  return getComputedStyle(row).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
}

/** @param {Element} row */
function backwards(row) {
  return forwards(row) === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
}

/**
 * @param {Element} row
 * @returns {HTMLElement[]} none where nothing can be done with the message
 */
function buttonsOf(row) {
  return [...row.querySelectorAll(".message-toolbar:not([hidden]) button")].map(
    (button) => /** @type {HTMLElement} */ (button),
  );
}

/** @param {Element} row */
function close(row) {
  for (const button of row.querySelectorAll(".message-toolbar button:not(.message-actions)")) {
    button.remove();
  }
  setTabStops(row);
}

/** @param {Element} row one button of its toolbar is a stop for the Tab key, if it is active */
function setTabStops(row) {
  for (const [index, button] of buttonsOf(row).entries()) {
    button.tabIndex = index === 0 && row.classList.contains("is-active") ? 0 : -1;
  }
}

/**
 * @param {Element} row
 * @param {Element} list
 * @returns {boolean} whether there is no room for a toolbar above it
 */
function isAtTop(row, list) {
  return row.getBoundingClientRect().top - list.getBoundingClientRect().top < HEIGHT;
}

/** @param {EventTarget | null} target */
function rowOf(target) {
  return target instanceof Element ? target.closest("li.message") : null;
}
