/**
 * Go to another item of a menu by an arrow key, or leave the menu by Tab.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} items
 * @param {Record<string, number>} steps where each key leads; past an end comes the other end
 * @param {() => void} leave
 */
export function walkMenu(event, items, steps, leave) {
  const next = steps[event.key];
  if (next !== undefined) {
    event.preventDefault();
    items[(next + items.length) % items.length]?.focus();
  } else if (event.key === "Tab") {
    event.preventDefault();
    leave();
  }
}

/** @param {HTMLElement[]} items where the focus is among them */
export function focusedAt(items) {
  return items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
}
