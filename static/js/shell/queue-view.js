import { on } from "../helpers/dom.js";
import { throttle } from "../helpers/timing.js";

/** @import { Connection } from "../realtime/connection.js" */
/** @import { SidePanel } from "./side-panel.js" */

/** What others decide is looked at so often at most. Milliseconds. */
const LOAD_INTERVAL = 1_000;

/** A queue of moderators in the side panel: loaded when it comes into sight, and while it is in sight. */
export class QueueView {
  #parts;
  #isOpen = false;

  /**
   * @param {{
   *   panel: SidePanel, connection: Connection, view: string, link: HTMLAnchorElement,
   *   list: { tidy: () => void }, load: () => Promise<void>,
   * }} parts `view`: of the side panel; `link`: opens it
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { panel, connection, view, link } = this.#parts;
    link.addEventListener("click", (event) => {
      if (!(event.ctrlKey || event.metaKey || event.shiftKey)) {
        event.preventDefault();
        // The drawer that the link is in.
        /** @type {HTMLElement | null} */ (link.closest(":popover-open"))?.hidePopover();
        panel.open(view, link);
      }
    });
    on(panel, "change", () => this.#look());
    on(connection, "state", () => this.refresh());
  }

  /** Load it soon, if it is in sight. */
  refresh() {
    if (this.#isOpen) {
      this.#loadSoon();
    }
  }

  #look() {
    const isOpen = this.#parts.panel.shows(this.#parts.view);
    if (isOpen && !this.#isOpen) {
      this.#parts.list.tidy();
      this.#isOpen = true;
      this.refresh();
    }
    this.#isOpen = isOpen;
  }

  #loadSoon = throttle(() => this.#parts.load(), LOAD_INTERVAL);
}
