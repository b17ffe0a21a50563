import { NewcomerList } from "../elements/newcomer-list.js";
import { find, on } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { Command } from "../protocol.js";
import { QueueView } from "./queue-view.js";
import { failureText } from "./refusals.js";

/** @import { NewcomerEntry } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { SidePanel } from "./side-panel.js" */

/** Beyond it the server counts no further. */
const SHOWN = 100;

/** The queue of those who wait to be let in, for moderators: beside the reports, and as live as they are. */
export class Newcomers {
  #parts;
  #list = find(document, "newcomer-list", NewcomerList);
  #view;

  /**
   * @param {{
   *   current: CurrentRoom, connection: Connection, requests: Requests, panel: SidePanel,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#view = new QueueView({
      ...parts,
      view: "newcomers",
      link: find(document, ".newcomers-entry a", HTMLAnchorElement),
      list: this.#list,
      load: () => this.#load(),
    });
  }

  connect() {
    const { current } = this.#parts;
    on(this.#list, "newcomer-act", ({ newcomer, act, reason }) =>
      this.#decide(newcomer, act, reason),
    );
    this.#view.connect();
    current.follow(({ permissions }, signal) => {
      let told = permissions.newcomers;
      const follow = () => {
        if (told !== permissions.newcomers) {
          told = permissions.newcomers;
          this.#showCount(told);
          this.#view.refresh();
        }
      };
      on(permissions, "change", follow, signal);
      this.#showCount(told);
      this.#view.refresh();
    });
  }

  /** @param {number | null} waiting null: that is not mine to do, or nobody waits on this site */
  #showCount(waiting) {
    find(document, ".newcomers-entry", HTMLElement).hidden = waiting === null;
    const many = waiting !== null && waiting > SHOWN ? `${SHOWN}+` : waiting;
    find(document, ".newcomers-waiting", HTMLElement).textContent = many ? ` (${many})` : "";
  }

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
      this.#list.announce(id, { said: failureText(error), isClosed: false });
      return;
    }
    const undo = async () => {
      try {
        await this.#ask(id, "", "");
        this.#list.announce(id, null);
      } catch (error) {
        this.#list.announce(id, { said: failureText(error), isClosed: true });
      }
      this.#view.refresh();
    };
    this.#list.announce(id, { said: interpolate(said, { name }), isClosed: true, undo });
    this.#view.refresh();
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
