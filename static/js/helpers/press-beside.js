/** What a sheet may have opened above itself: a press there is none beside it. */
const ABOVE = "dialog[open], profile-card";

/**
 * A press beside a sheet closes it and does nothing else.
 *
 * @param {HTMLElement} sheet
 * @param {{ isOpen: () => boolean, close: () => void, signal?: AbortSignal }} parts `isOpen`: as a sheet
 */
export function closeByPressBeside(sheet, { isOpen, close, signal }) {
  /** @param {Event} event */
  const press = (event) => {
    const target = /** @type {Element} */ (event.target);
    if (!isOpen() || sheet.contains(target) || target.closest(ABOVE)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "click") {
      close();
    }
  };
  for (const name of ["pointerdown", "click"]) {
    document.addEventListener(name, press, { capture: true, signal });
  }
}
