import { find } from "../helpers/dom.js";

/** @import { OpenRoom } from "./open-room.js" */

/**
 * Asks something in a dialog of the page. Afterwards the member can write on.
 *
 * @param {OpenRoom} room
 * @param {string} selector
 * @param {(answer: string) => void} then
 * @returns {HTMLDialogElement}
 */
export function showDialog(room, selector, then = () => {}) {
  const dialog = find(document, selector, HTMLDialogElement);
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener(
    "close",
    () => {
      room.composer.focus();
      then(dialog.returnValue);
    },
    { once: true },
  );
  return dialog;
}
