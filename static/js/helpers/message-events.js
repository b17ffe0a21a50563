import { emit, isTouch, roomPath } from "./dom.js";
import { onLongPress } from "./long-press.js";

/** @import { Message } from "../protocol.js" */

/**
 * Clicks on the messages of a list, told as what they ask for.
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
      followLink(list, link, event);
    }
  });
  onLongPress(list, "li.message", (row, target) => {
    if (target.closest(".reaction")) {
      emit(list, "reactors-wanted", { message: at(seqOf(row)) });
      return;
    }
    const button = row.querySelector(".message-toolbar:not([hidden]) > .message-actions");
    if (button) {
      emit(list, "actions-wanted", { message: at(seqOf(row)), button, isSheet: true });
    }
  });
}

/**
 * @param {HTMLElement} list
 * @param {HTMLButtonElement} button
 * @param {(seq: number) => Message | undefined} at
 */
function press(list, button, at) {
  const { choice, of, id, emoji } = button.dataset;
  const message = button.closest("li.message") ? at(seqOf(button)) : undefined;
  if (choice) {
    emit(list, `${of}-choice`, { choice, id });
  } else if (button.matches(".message-actions")) {
    emit(list, "actions-wanted", { message, button, isSheet: isTouch() });
  } else if (button.matches(".reaction[aria-haspopup]")) {
    emit(list, "reactors-wanted", { message });
  } else if (button.matches(".reaction, .toolbar-react")) {
    emit(list, "reaction-set", { message, emoji, on: button.ariaPressed !== "true" });
  } else if (button.matches(".toolbar-pick")) {
    emit(list, "emoji-wanted", { message });
  } else if (button.matches(".toolbar-reply")) {
    emit(list, "reply-wanted", { message });
  } else if (button.closest("li.deletions")) {
    emit(list, "run-toggled", { seqs: button.value.split(" ").map(Number) });
  }
}

/**
 * @param {HTMLElement} list
 * @param {HTMLAnchorElement} link
 * @param {MouseEvent} event
 */
function followLink(list, link, event) {
  const seq = linkedSeq(link);
  // The time is the message's own address, and is followed as any link to a room.
  if (seq && !link.classList.contains("message-when")) {
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
