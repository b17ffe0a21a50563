import { copyText } from "../helpers/clipboard.js";
import { find } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";

/** How long a button says that it did what it says. Milliseconds. */
const COPIED_TIME = 2_000;

/**
 * The account menu, the room's menu, and the dialogs that their entries open (`data-dialog`: its
 * id). They work the same for members and visitors.
 */
export class Menus {
  #account = find(document, ".account", HTMLDetailsElement);

  connect() {
    document.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("pointerdown", ({ target }) => this.#leaveAccount(target));
    this.#account.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget) {
        this.#leaveAccount(relatedTarget);
      }
    });
    this.#account.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#account.open) {
        event.preventDefault();
        event.stopPropagation();
        this.#account.open = false;
        this.#account.querySelector("summary")?.focus();
      }
    });
    // The server opened it to show why a form was refused.
    for (const dialog of document.querySelectorAll("dialog[open]")) {
      openDialog(/** @type {HTMLDialogElement} */ (dialog));
    }
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const opener = /** @type {HTMLElement | null} */ (target.closest("[data-dialog]"));
    if (opener) {
      event.preventDefault();
      this.#account.open = false;
      openDialog(find(document, `#${opener.dataset.dialog}`, HTMLDialogElement));
    } else if (target.closest("[data-close]")) {
      event.preventDefault();
      target.closest("dialog")?.close();
    } else if (target.closest("[data-popover]")) {
      const { popover } = /** @type {HTMLElement} */ (target.closest("[data-popover]")).dataset;
      find(document, `#${popover}`, HTMLElement).showPopover();
    } else if (target.closest(".copy-link")) {
      copy(/** @type {HTMLButtonElement} */ (target.closest(".copy-link")));
    }
  }

  /** @param {EventTarget | null} target where the reader is now */
  #leaveAccount(target) {
    if (!(target instanceof Node && this.#account.contains(target))) {
      this.#account.open = false;
    }
  }
}

/** @param {HTMLDialogElement} dialog */
function openDialog(dialog) {
  dialog.removeAttribute("open");
  dialog.showModal();
  dialog.addEventListener(
    "close",
    () => /** @type {HTMLElement | null} */ (document.querySelector("#composer-body"))?.focus(),
    { once: true },
  );
}

/** @param {HTMLButtonElement} button beside the field with the link */
async function copy(button) {
  const field = find(/** @type {Element} */ (button.parentElement), "input", HTMLInputElement);
  const label = button.textContent;
  if (await copyText(field.value)) {
    button.textContent = gettext("Copied");
  } else {
    field.select();
    button.textContent = gettext("Press Ctrl + C");
  }
  setTimeout(() => {
    button.textContent = label;
  }, COPIED_TIME);
}
