import { find } from "../helpers/dom.js";
import { closeByPressBeside } from "../helpers/press-beside.js";

/** @import { BrowserStorage } from "../helpers/storage.js" */

/** From this width on the panel is a region beside the talk; below, a sheet over it. */
const BESIDE = "(min-width: 68.75rem)";
/** What it shows unless something else is asked for. */
const PEOPLE = "people";

/**
 * The panel at the right, with one of its views (`#panel-people`, …). Beside the talk it is open until it is
 * closed, and the browser remembers that; as a sheet it is closed until it is opened. Dispatches `change`
 * when something else is in sight.
 */
export class SidePanel extends EventTarget {
  #storage;
  #panel = find(document, "#panel", HTMLElement);
  #button = find(document, "#people-button", HTMLButtonElement);
  #isBeside = matchMedia(BESIDE);
  #view = PEOPLE;
  /** What opened it: the focus goes back there. */
  /** @type {HTMLElement} */
  #opener = this.#button;

  /** @param {{ storage: BrowserStorage }} parts */
  constructor({ storage }) {
    super();
    this.#storage = storage;
  }

  connect() {
    this.#button.addEventListener("click", () =>
      this.shows(PEOPLE) ? this.close() : this.open(PEOPLE, this.#button),
    );
    find(this.#panel, ".panel-close", HTMLButtonElement).addEventListener("click", () =>
      this.#goBack(),
    );
    this.#panel.addEventListener("toggle", () => this.#show());
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isSheet) {
        event.preventDefault();
        event.stopPropagation();
        this.#goBack();
      }
    });
    closeByPressBeside(this.#panel, { isOpen: () => this.#isSheet, close: () => this.#goBack() });
    this.#isBeside.addEventListener("change", () => {
      this.#hideSheet();
      this.#show();
    });
    this.#show();
  }

  get isOpen() {
    return this.#isBeside.matches
      ? document.documentElement.dataset.panel !== "closed"
      : this.#isSheet;
  }

  /**
   * @param {string} view
   * @returns {boolean} whether it is in sight
   */
  shows(view) {
    return this.isOpen && this.#view === view;
  }

  /**
   * @param {string} view
   * @param {HTMLElement} opener
   */
  open(view, opener) {
    this.#view = view;
    this.#opener = opener;
    if (this.#isBeside.matches) {
      this.#remember("");
    } else {
      this.#panel.showPopover();
      this.#show();
    }
    find(this.#panel, ".panel-close", HTMLButtonElement).focus();
  }

  close() {
    if (this.#isBeside.matches) {
      this.#remember("closed");
    } else {
      this.#hideSheet();
    }
  }

  /** The talk is wanted: a sheet would cover it. */
  uncover() {
    this.#hideSheet();
  }

  #goBack() {
    this.close();
    // A drawer that it was opened from is closed by now.
    (this.#opener.checkVisibility() ? this.#opener : this.#button).focus();
  }

  get #isSheet() {
    return this.#panel.matches(":popover-open");
  }

  #hideSheet() {
    if (this.#isSheet) {
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
    for (const view of this.#panel.querySelectorAll(".panel-view")) {
      const isShown = view.id === `panel-${this.#view}`;
      /** @type {HTMLElement} */ (view).hidden = !isShown;
      if (isShown) {
        const { label } = /** @type {HTMLElement} */ (view).dataset;
        find(this.#panel, ".panel-title", HTMLElement).textContent = label ?? "";
      }
    }
    this.#button.ariaExpanded = String(this.shows(PEOPLE));
    this.dispatchEvent(new CustomEvent("change"));
  }
}
