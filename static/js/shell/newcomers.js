import { NewcomerList } from "../elements/newcomer-list.js";
import { find, on } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { throttle } from "../helpers/timing.js";
import { Command } from "../protocol.js";
import { failureText } from "./refusals.js";

/** @import { NewcomerEntry } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { SidePanel } from "./side-panel.js" */

/** What others decide is looked at so often at most. Milliseconds. */
const LOAD_INTERVAL = 1_000;
/** Beyond it the server counts no further. */
const SHOWN = 100;
/** Of the side panel. */
const VIEW = "newcomers";

/** The queue of those who wait to be let in, for moderators: beside the reports, and as live as they are. */
export class Newcomers {
  #parts;
  #list = find(document, "newcomer-list", NewcomerList);
  #isOpen = false;

  /**
   * @param {{
   *   current: CurrentRoom, connection: Connection, requests: Requests, panel: SidePanel,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { panel, current, connection } = this.#parts;
    on(this.#list, "newcomer-act", ({ newcomer, act, reason }) =>
      this.#decide(newcomer, act, reason),
    );
    const link = find(document, ".newcomers-entry a", HTMLAnchorElement);
    link.addEventListener("click", (event) => {
      if (!(event.ctrlKey || event.metaKey || event.shiftKey)) {
        event.preventDefault();
        // The drawer that the link is in.
        /** @type {HTMLElement | null} */ (link.closest(":popover-open"))?.hidePopover();
        panel.open(VIEW, link);
      }
    });
    on(panel, "change", () => this.#look());
    on(connection, "state", () => this.#refresh());
    current.follow(({ permissions }, signal) => {
      let told = permissions.newcomers;
      const follow = () => {
        if (told !== permissions.newcomers) {
          told = permissions.newcomers;
          this.#showCount(told);
          this.#refresh();
        }
      };
      on(permissions, "change", follow, signal);
      this.#showCount(told);
      this.#refresh();
    });
  }

  /** @param {number | null} waiting null: that is not mine to do, or nobody waits on this site */
  #showCount(waiting) {
    find(document, ".newcomers-entry", HTMLElement).hidden = waiting === null;
    const many = waiting !== null && waiting > SHOWN ? `${SHOWN}+` : waiting;
    find(document, ".newcomers-waiting", HTMLElement).textContent = many ? ` (${many})` : "";
  }

  /** What is in sight is read anew when it comes into sight. */
  #look() {
    const isOpen = this.#parts.panel.shows(VIEW);
    if (isOpen && !this.#isOpen) {
      this.#list.tidy();
      this.#isOpen = true;
      this.#refresh();
    }
    this.#isOpen = isOpen;
  }

  #refresh() {
    if (this.#isOpen) {
      this.#loadSoon();
    }
  }

  #loadSoon = throttle(() => this.#load(), LOAD_INTERVAL);

  async #load() {
    try {
      this.#list.show(await this.#parts.requests.ask({ type: Command.LOAD_NEWCOMERS }));
    } catch {
      // The queue stays as it was; a new connection loads it again.
    }
  }

  /**
   * @param {NewcomerEntry} newcomer
   * @param {string} decision
   * @param {string} reason
   */
  async #decide({ id, name }, decision, reason) {
    const said =
      decision === "approved" ? gettext("{name} may come in.") : gettext("{name} was refused.");
    try {
      await this.#ask(id, decision, reason);
    } catch (error) {
      this.#list.say(id, { said: failureText(error), isClosed: false });
      return;
    }
    const undo = async () => {
      try {
        await this.#ask(id, "", "");
        this.#list.say(id, null);
      } catch (error) {
        this.#list.say(id, { said: failureText(error), isClosed: true });
      }
      this.#refresh();
    };
    this.#list.say(id, { said: interpolate(said, { name }), isClosed: true, undo });
    this.#refresh();
  }

  /**
   * @param {number} newcomer
   * @param {string} decision
   * @param {string} reason
   */
  #ask(newcomer, decision, reason) {
    const type = Command.DECIDE_NEWCOMER;
    return this.#parts.requests.ask({ type, newcomer, decision, reason });
  }
}
