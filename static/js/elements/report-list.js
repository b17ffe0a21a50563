import { emit, find, make, placeInOrder } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { reportParts } from "../helpers/report-dom.js";

/** @import { ReportedMessage } from "../protocol.js" */

/**
 * @typedef {{ said: (string | Node)[], undo?: () => void, isClosed: boolean }} ReportOutcome
 *   `isClosed`: the report was dealt with; it stays in sight with what came of it
 */

/**
 * The reports that wait for a moderator, each with what was said around the message. What came of an act
 * is said at its report. Tells `report-act` (detail: { reported, act }; act: dismiss, delete, mute, ban),
 * `profile-wanted` (detail: { member, origin }) and `more-reports-wanted`.
 */
export class ReportList extends HTMLElement {
  /** @type {Map<number, ReportedMessage>} by report, in order; also those that I dealt with */
  #reports = new Map();
  /** @type {Map<number, ReportOutcome>} by report */
  #outcomes = new Map();
  /** @type {Map<number, { article: HTMLElement, drawn: string }>} by report */
  #articles = new Map();
  /** Whose messages I do not delete here: they are mine. */
  #me = 0;
  #maySanction = false;

  connectedCallback() {
    this.addEventListener("click", ({ target }) => this.#press(/** @type {Element} */ (target)));
  }

  /**
   * @param {{ reports: ReportedMessage[], more: boolean, me: number, maySanction: boolean }} page all that
   *   wait, as far as they were asked for; `maySanction`: I mute and ban on this site
   */
  show({ reports, more, me, maySanction }) {
    this.#me = me;
    this.#maySanction = maySanction;
    const waiting = new Map(reports.map((reported) => [reported.report, reported]));
    const kept = [...this.#reports].filter(
      ([id]) => waiting.has(id) || this.#outcomes.get(id)?.isClosed,
    );
    this.#reports = new Map([...kept, ...waiting]);
    for (const id of [...this.#outcomes.keys()].filter((known) => !this.#reports.has(known))) {
      this.#outcomes.delete(id);
    }
    find(this, ".reports-none", HTMLElement).hidden = this.#reports.size > 0;
    find(this, ".reports-more", HTMLElement).hidden = !more;
    this.#draw();
  }

  /** What was dealt with goes: the queue is looked at anew. */
  tidy() {
    for (const [id, { isClosed }] of [...this.#outcomes]) {
      if (isClosed) {
        this.#reports.delete(id);
      }
      this.#outcomes.delete(id);
    }
    this.#draw();
  }

  /**
   * @param {number} report
   * @param {ReportOutcome | null} outcome null: it was taken back
   */
  announce(report, outcome) {
    if (outcome) {
      this.#outcomes.set(report, outcome);
    } else {
      this.#outcomes.delete(report);
    }
    const article = this.#articles.get(report)?.article;
    const hadFocus = article?.contains(document.activeElement);
    this.#draw();
    // The button that was pressed may be gone: the way back stands in its place.
    if (hadFocus) {
      const place = outcome?.isClosed ? ".report-outcome button" : ".report-actions button";
      /** @type {HTMLElement | null | undefined} */ (article?.querySelector(place))?.focus();
    }
  }

  #draw() {
    const list = find(this, ".reports", HTMLElement);
    for (const [id, { article }] of [...this.#articles]) {
      if (!this.#reports.has(id)) {
        this.#letGo(article);
        this.#articles.delete(id);
      }
    }
    placeInOrder(
      list,
      [...this.#reports.values()].map((reported) => this.#articleOf(reported)),
    );
  }

  /** @param {HTMLElement} article that another moderator dealt with, perhaps while I was in it */
  #letGo(article) {
    const hadFocus = article.contains(document.activeElement);
    article.remove();
    if (hadFocus) {
      this.focus();
    }
  }

  /**
   * @param {ReportedMessage} reported
   * @returns {HTMLElement} made anew only where something has changed
   */
  #articleOf(reported) {
    const id = reported.report;
    const outcome = this.#outcomes.get(id);
    const known = this.#articles.get(id);
    const article = known?.article ?? make("article", { className: "report" });
    const drawn = JSON.stringify(reported);
    if (known?.drawn !== drawn) {
      const name = reported.author.name;
      article.dataset.report = String(id);
      article.ariaLabel = name;
      const status = make("div", { className: "report-outcome" });
      status.role = "status";
      article.replaceChildren(...reportParts(reported), this.#actions(reported), status);
      this.#articles.set(id, { article, drawn });
    }
    this.#drawOutcome(article, outcome);
    return article;
  }

  /**
   * @param {HTMLElement} article
   * @param {ReportOutcome | undefined} outcome
   */
  #drawOutcome(article, outcome) {
    article.classList.toggle("is-closed", outcome?.isClosed === true);
    find(article, ".report-actions", HTMLElement).hidden = outcome?.isClosed === true;
    const status = find(article, ".report-outcome", HTMLElement);
    const { undo } = outcome ?? {};
    const button = make("button", { type: "button", className: "button is-small" });
    button.textContent = gettext("Undo");
    button.addEventListener("click", () => undo?.());
    status.replaceChildren(
      ...(outcome ? [make("p", {}, ...outcome.said)] : []),
      ...(undo ? [button] : []),
    );
  }

  /** @param {ReportedMessage} reported */
  #actions({ room, seq, author, message }) {
    const canDelete = message && !message.deleted && author.id !== this.#me;
    const maySanction = this.#maySanction && author.id !== this.#me;
    const link = make("a", {
      className: "button is-small is-quiet",
      href: `/rooms/${room}/${seq}/`,
    });
    link.textContent = gettext("Open in room");
    return make(
      "div",
      { className: "report-actions" },
      actButton("dismiss", gettext("Dismiss report")),
      ...(canDelete ? [actButton("delete", gettext("Delete message"), true)] : []),
      ...(maySanction ? [actButton("mute", gettext("Mute author…"))] : []),
      ...(maySanction ? [actButton("ban", gettext("Ban author…"))] : []),
      ...(message ? [link] : []),
    );
  }

  /** @param {Element} target */
  #press(target) {
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-act]"));
    const article = /** @type {HTMLElement | null} */ (target.closest(".report"));
    const reported = this.#reports.get(Number(article?.dataset.report));
    if (target.closest(".reports-more")) {
      emit(this, "more-reports-wanted");
    } else if (button && reported && button.dataset.act === "profile") {
      emit(this, "profile-wanted", { member: reported.author, origin: button });
    } else if (button && reported) {
      emit(this, "report-act", { reported, act: button.dataset.act });
    }
  }
}

/**
 * @param {string} act
 * @param {string} label
 * @param {boolean} isDanger
 */
function actButton(act, label, isDanger = false) {
  const className = isDanger ? "button is-small is-danger" : "button is-small";
  const button = make("button", { type: "button", className }, label);
  button.dataset.act = act;
  return button;
}
