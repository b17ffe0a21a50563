import { emit, find, roomPath } from "./dom.js";

/** @import { Message } from "../protocol.js" */

/**
 * Clicks and keys on the messages of a list, told as what they ask for.
 *
 * @param {HTMLElement} list
 * @param {(seq: number) => Message | undefined} at
 */
export function listenToMessages(list, at) {
  list.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const button = target.closest("button");
    const link = target.closest("a");
    if (button) {
      press(list, button, at);
    } else if (link && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      followLink(list, link, at, event);
    }
  });
  list.addEventListener("keydown", (event) => {
    const row = /** @type {Element} */ (event.target);
    const modified = event.altKey || event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && row.matches("li.message") && !modified) {
      const button = find(row, ".message-actions", HTMLButtonElement);
      if (!button.hidden) {
        // Or the same key would press the first button of the menu.
        event.preventDefault();
        press(list, button, at);
      }
    }
  });
}

/**
 * @param {HTMLElement} list
 * @param {HTMLButtonElement} button
 * @param {(seq: number) => Message | undefined} at
 */
function press(list, button, at) {
  const { choice, clientId, emoji } = button.dataset;
  if (button.classList.contains("message-actions")) {
    emit(list, "actions-wanted", { message: at(seqOf(button)), button });
  } else if (button.classList.contains("reaction")) {
    const on = button.ariaPressed !== "true";
    emit(list, "reaction-set", { message: at(seqOf(button)), emoji, on });
  } else if (choice) {
    emit(list, "outbox-choice", { choice, clientId });
  }
}

/**
 * @param {HTMLElement} list
 * @param {HTMLAnchorElement} link
 * @param {(seq: number) => Message | undefined} at
 * @param {MouseEvent} event
 */
function followLink(list, link, at, event) {
  const seq = linkedSeq(link);
  if (link.classList.contains("message-when")) {
    event.preventDefault();
    emit(list, "trace-wanted", { message: at(seqOf(link)), link });
  } else if (seq) {
    event.preventDefault();
    emit(list, "message-wanted", { seq });
  }
}

/** @param {Element} element within a message */
function seqOf(element) {
  return Number(/** @type {HTMLElement} */ (element.closest("li.message")).dataset.seq);
}

/**
 * @param {HTMLAnchorElement} link
 * @returns {number} the number of the message of this room that it leads to, or 0
 */
function linkedSeq({ origin, pathname, hash }) {
  const room = roomPath();
  if (origin !== location.origin || !pathname.startsWith(room)) {
    return 0;
  }
  return Number(
    /^#m(\d+)$/.exec(hash)?.[1] ?? /^(\d+)\/$/.exec(pathname.slice(room.length))?.[1] ?? 0,
  );
}
