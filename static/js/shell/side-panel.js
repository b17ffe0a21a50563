import { find } from "../helpers/dom.js";

/** @import { BrowserStorage } from "../helpers/storage.js" */

/** From this width on the panel is a region beside the talk; below, a sheet over it. */
const BESIDE = "(min-width: 68.75rem)";

/**
 * The panel at the right. Beside the talk it is open until it is closed, and the browser remembers
 * that; as a sheet it is closed until it is opened.
 */
export class SidePanel {
  #storage;
  #panel = find(document, "#panel", HTMLElement);
  #button = find(document, "#people-button", HTMLButtonElement);
  #isBeside = matchMedia(BESIDE);

  /** @param {{ storage: BrowserStorage }} parts */
  constructor({ storage }) {
    this.#storage = storage;
  }

  connect() {
    this.#button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    find(this.#panel, ".panel-close", HTMLButtonElement).addEventListener("click", () => {
      this.close();
      this.#button.focus();
    });
    this.#panel.addEventListener("toggle", () => this.#show());
    this.#isBeside.addEventListener("change", () => {
      this.#hideSheet();
      this.#show();
    });
    this.#show();
  }

  get isOpen() {
    return this.#isBeside.matches
      ? document.documentElement.dataset.panel !== "closed"
      : this.#panel.matches(":popover-open");
  }

  open() {
    if (this.#isBeside.matches) {
      this.#remember("");
    } else if (!this.isOpen) {
      this.#panel.showPopover();
      find(this.#panel, ".panel-close", HTMLButtonElement).focus();
    }
  }

  close() {
    if (this.#isBeside.matches) {
      this.#remember("closed");
    } else {
      this.#hideSheet();
    }
  }

  #hideSheet() {
    if (this.#panel.matches(":popover-open")) {
      this.#panel.hidePopover();
    }
  }

  /** @param {"" | "closed"} state read by static/js/theme.js before the first paint */
  #remember(state) {
    document.documentElement.dataset.panel = state;
    this.#storage.setItem("panel", state);
    this.#show();
  }

  #show() {
    this.#button.ariaExpanded = String(this.isOpen);
  }
}
