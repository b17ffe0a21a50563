import { find } from "../helpers/dom.js";

/**
 * Asks something in a dialog of the page.
 *
 * @param {string} selector
 * @param {() => void} focusBack where the member was: afterwards they can write on
 * @param {(answer: string) => void} then
 * @returns {HTMLDialogElement}
 */
export function showDialog(selector, focusBack, then = () => {}) {
  const dialog = find(document, selector, HTMLDialogElement);
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener(
    "close",
    () => {
      focusBack();
      then(dialog.returnValue);
    },
    { once: true },
  );
  return dialog;
}
