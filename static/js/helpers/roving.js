/** What a message offers to the Tab key. */
const STOPS =
  ".message-toolbar > :first-child, .message-when, .message-quote, .mention[role], .reaction";

/**
 * Arrow keys walk through the messages; Tab goes through the buttons of the one that is reached.
 *
 * @param {HTMLElement} list
 */
export function rove(list) {
  list.addEventListener("keydown", (event) => walk(list, event));
  list.addEventListener("focusin", ({ target }) => {
    const row = /** @type {Element} */ (target).closest("li.message");
    for (const old of list.querySelectorAll("li.message.is-active")) {
      if (old !== row) {
        setActive(old, false);
      }
    }
    if (row) {
      setActive(row, true);
    }
  });
}

/**
 * Only the buttons of the active message are stops on the way of the Tab key.
 *
 * @param {Element} row
 * @param {boolean} active
 */
export function setActive(row, active) {
  row.classList.toggle("is-active", active);
  for (const stop of row.querySelectorAll(STOPS)) {
    /** @type {HTMLElement} */ (stop).tabIndex = active ? 0 : -1;
  }
}

/**
 * @param {HTMLElement} list
 * @param {KeyboardEvent} event
 */
function walk(list, event) {
  if (event.altKey || event.ctrlKey || event.metaKey || isField(event.target)) {
    return;
  }
  const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("li.message")]);
  const row = /** @type {HTMLElement | null} */ (
    /** @type {Element} */ (event.target).closest("li.message")
  );
  const at = row ? rows.indexOf(row) : rows.length;
  /** @type {Record<string, number>} */
  const steps = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 };
  const next = rows[steps[event.key] ?? -1];
  if (next) {
    event.preventDefault();
    next.tabIndex = -1;
    next.focus();
  }
}

/** @param {EventTarget | null} target */
function isField(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
