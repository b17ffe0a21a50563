import { ReportList } from "../elements/report-list.js";
import { find, on } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { Command } from "../protocol.js";
import { QueueView } from "./queue-view.js";
import { failureText } from "./refusals.js";

/** @import { MemberRef, ReportedMessage } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { MemberModeration } from "./member-moderation.js" */
/** @import { Outcome } from "./outcomes.js" */
/** @import { SidePanel } from "./side-panel.js" */

/** The queue of reports: it is loaded when it is looked at, and again when another number of them waits. */
export class Reports {
  #parts;
  #list = find(document, "report-list", ReportList);
  /** @type {ReportedMessage[]} */
  #reports = [];
  #view;

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, connection: Connection, requests: Requests,
   *   moderation: MemberModeration, panel: SidePanel,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#view = new QueueView({
      ...parts,
      view: "reports",
      link: find(document, ".reports-desk a", HTMLAnchorElement),
      list: this.#list,
      load: () => this.#load(),
    });
  }

  connect() {
    on(this.#list, "report-act", ({ reported, act }) => this.#act(reported, act));
    on(this.#list, "more-reports-wanted", () => this.#loadMore());
    const { panel, current } = this.#parts;
    this.#view.connect();
    // To the message: where the queue covers the talk, it goes.
    this.#list.addEventListener("click", ({ target }) => {
      if (/** @type {Element} */ (target).closest("a")) {
        panel.uncover();
      }
    });
    current.follow(({ permissions }, signal) => {
      let told = permissions.reports;
      const follow = () => {
        if (told !== permissions.reports) {
          told = permissions.reports;
          this.#view.refresh();
        }
      };
      on(permissions, "change", follow, signal);
      this.#view.refresh();
    });
  }

  /** As many as there were, so that what was scrolled to stays. */
  async #load() {
    const wanted = this.#reports.length;
    /** @type {ReportedMessage[]} */
    const loaded = [];
    let more = true;
    try {
      while (more && loaded.length <= Math.max(wanted - 1, 0)) {
        ({ more } = await this.#loadPage(loaded));
      }
    } catch {
      // The queue stays as it was; a new connection loads it again.
      return;
    }
    this.#show(loaded, more);
  }

  async #loadMore() {
    const loaded = [...this.#reports];
    try {
      const { more } = await this.#loadPage(loaded);
      this.#show(loaded, more);
    } catch {
      // The button is there still.
    }
  }

  /** @param {ReportedMessage[]} loaded grows by a page */
  async #loadPage(loaded) {
    const after = loaded.at(-1)?.report ?? null;
    const page = await this.#parts.requests.ask({ type: Command.LOAD_REPORTS, after });
    loaded.push(...page.reports);
    return { more: page.more && page.reports.length > 0 };
  }

  /**
   * @param {ReportedMessage[]} reports
   * @param {boolean} more
   */
  #show(reports, more) {
    this.#reports = reports;
    const { me, current } = this.#parts;
    const maySanction = current.session.permissions.role !== null;
    this.#list.show({ reports, more, me: me.id, maySanction });
  }

  // Deciding

  /**
   * @param {ReportedMessage} reported
   * @param {"dismiss" | "delete" | "mute" | "ban"} act
   */
  async #act(reported, act) {
    const { moderation } = this.#parts;
    const why = reported.complaints[0]?.reason ?? "";
    if (act === "dismiss") {
      await this.#dismiss(reported);
    } else if (act === "delete") {
      await this.#delete(reported, why);
    } else {
      const decide = act === "mute" ? "mute" : "ban";
      this.#sayOutcome(reported, await moderation[decide](reported.author, why));
    }
  }

  /** @param {ReportedMessage} reported */
  async #dismiss(reported) {
    const { report } = reported;
    await this.#close(reported, gettext("The report was dismissed."), {
      decide: () => this.#ask({ type: Command.DISMISS_REPORT, report }),
      undo: () => this.#ask({ type: Command.REOPEN_REPORT, report }),
    });
  }

  /**
   * @param {ReportedMessage} reported
   * @param {string} reason
   */
  async #delete(reported, reason) {
    const { report, room, seq } = reported;
    await this.#close(reported, gettext("The message was deleted."), {
      decide: () => this.#ask({ type: Command.DELETE_MESSAGE, room, seq, reason }),
      undo: async () => {
        await this.#ask({ type: Command.RESTORE_MESSAGE, room, seq });
        await this.#ask({ type: Command.REOPEN_REPORT, report });
      },
    });
  }

  /**
   * A decision that closes the report, and the way back.
   *
   * @param {ReportedMessage} reported
   * @param {string} said
   * @param {{ decide: () => Promise<unknown>, undo: () => Promise<unknown> }} acts
   */
  async #close({ report }, said, { decide, undo }) {
    try {
      await decide();
    } catch (error) {
      this.#list.announce(report, { said: [failureText(error)], isClosed: false });
      return;
    }
    const takeBack = async () => {
      try {
        await undo();
        this.#list.announce(report, null);
      } catch (error) {
        this.#list.announce(report, { said: [failureText(error)], isClosed: true, undo: takeBack });
      }
      this.#view.refresh();
    };
    this.#list.announce(report, { said: [said], isClosed: true, undo: takeBack });
    this.#view.refresh();
  }

  /**
   * A mute or a ban leaves the report open: the message is still there.
   *
   * @param {ReportedMessage} reported
   * @param {Outcome | null} outcome
   */
  #sayOutcome(reported, outcome) {
    if (outcome) {
      const { said, undo } = outcome;
      const takeBack = undo && (async () => this.#sayOutcome(reported, await undo()));
      this.#list.announce(reported.report, { said, isClosed: false, undo: takeBack });
    }
  }

  /** @param {{ type: string, [field: string]: any }} command */
  #ask(command) {
    return this.#parts.requests.ask(command);
  }
}
