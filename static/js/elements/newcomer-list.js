import { emit, find, make, placeInOrder } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";

/** @import { MemberRef, NewcomerEntry } from "../protocol.js" */

/** @typedef {{ said: string, undo?: () => void, isClosed: boolean }} NewcomerOutcome */

const REASON_MAX_LENGTH = 500;

/**
 * Those who wait to be let in. What was decided is said at each, with the way back. Tells `newcomer-act`
 * (detail: { newcomer, act, reason }; act: approved, refused).
 */
export class NewcomerList extends HTMLElement {
  /** @type {Map<number, NewcomerEntry>} in order; also those that I decided about */
  #newcomers = new Map();
  /** @type {Map<number, NewcomerOutcome>} */
  #outcomes = new Map();
  /** @type {Map<number, HTMLElement>} */
  #articles = new Map();
  /** @type {Map<number, NewcomerOutcome | undefined>} as it is drawn */
  #said = new Map();

  connectedCallback() {
    this.addEventListener("click", ({ target }) => this.#press(/** @type {Element} */ (target)));
    this.addEventListener("submit", (event) => this.#submit(event));
  }

  /** @param {{ newcomers: NewcomerEntry[], more: boolean }} page */
  show({ newcomers, more }) {
    const waiting = new Map(newcomers.map((newcomer) => [newcomer.id, newcomer]));
    const kept = [...this.#newcomers].filter(
      ([id]) => waiting.has(id) || this.#outcomes.get(id)?.isClosed,
    );
    this.#newcomers = new Map([...kept, ...waiting]);
    find(this, ".newcomers-more", HTMLElement).hidden = !more;
    this.#draw();
  }

  /** What was decided goes: the queue is looked at anew. */
  tidy() {
    for (const [id, { isClosed }] of [...this.#outcomes]) {
      if (isClosed) {
        this.#newcomers.delete(id);
      }
      this.#outcomes.delete(id);
    }
    this.#draw();
  }

  /**
   * @param {number} id
   * @param {NewcomerOutcome | null} outcome null: it was taken back
   */
  announce(id, outcome) {
    if (outcome) {
      this.#outcomes.set(id, outcome);
    } else {
      this.#outcomes.delete(id);
    }
    const article = this.#articles.get(id);
    const hadFocus = article?.contains(document.activeElement);
    this.#draw();
    if (hadFocus) {
      const place = outcome?.isClosed ? ".report-outcome button" : ".report-actions button";
      /** @type {HTMLElement | null | undefined} */ (article?.querySelector(place))?.focus();
    }
  }

  #draw() {
    find(this, ".newcomers-none", HTMLElement).hidden = this.#newcomers.size > 0;
    const list = find(this, ".newcomers", HTMLElement);
    for (const [id, article] of [...this.#articles]) {
      if (!this.#newcomers.has(id)) {
        const hadFocus = article.contains(document.activeElement);
        article.remove();
        this.#articles.delete(id);
        this.#said.delete(id);
        if (hadFocus) {
          this.focus();
        }
      }
    }
    placeInOrder(
      list,
      [...this.#newcomers.values()].map((newcomer) => this.#articleOf(newcomer)),
    );
  }

  /** @param {NewcomerEntry} newcomer */
  #articleOf(newcomer) {
    const article = this.#articles.get(newcomer.id) ?? articleFor(newcomer);
    this.#articles.set(newcomer.id, article);
    const outcome = this.#outcomes.get(newcomer.id);
    article.classList.toggle("is-closed", outcome?.isClosed === true);
    find(article, ".report-actions", HTMLElement).hidden = outcome?.isClosed === true;
    if (outcome?.isClosed) {
      find(article, ".newcomer-refusal", HTMLFormElement).hidden = true;
    }
    // What did not change is left alone: the focus may be in it.
    if (this.#said.get(newcomer.id) !== outcome) {
      this.#said.set(newcomer.id, outcome);
      this.#drawOutcome(article, outcome);
    }
    return article;
  }

  /**
   * @param {HTMLElement} article
   * @param {NewcomerOutcome | undefined} outcome
   */
  #drawOutcome(article, outcome) {
    const { undo } = outcome ?? {};
    const button = make("button", { type: "button", className: "button is-small" });
    button.textContent = gettext("Undo");
    button.addEventListener("click", () => undo?.());
    find(article, ".report-outcome", HTMLElement).replaceChildren(
      ...(outcome ? [make("p", {}, outcome.said)] : []),
      ...(undo ? [button] : []),
    );
  }

  /** @param {Element} target */
  #press(target) {
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-act]"));
    const article = /** @type {HTMLElement | null} */ (target.closest(".report"));
    const newcomer = this.#newcomers.get(Number(article?.dataset.newcomer));
    if (!button || !article || !newcomer) {
      return;
    }
    const form = find(article, ".newcomer-refusal", HTMLFormElement);
    if (button.dataset.act === "refuse") {
      form.hidden = false;
      find(form, "input", HTMLInputElement).focus();
    } else if (button.dataset.act === "cancel") {
      form.hidden = true;
      find(article, "[data-act=refuse]", HTMLElement).focus();
    } else {
      emit(this, "newcomer-act", { newcomer, act: "approved", reason: "" });
    }
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const article = /** @type {HTMLElement | null} */ (form.closest(".report"));
    const newcomer = this.#newcomers.get(Number(article?.dataset.newcomer));
    if (newcomer) {
      const reason = find(form, "input", HTMLInputElement).value;
      emit(this, "newcomer-act", { newcomer, act: "refused", reason });
    }
  }
}

/** @param {NewcomerEntry} newcomer */
function articleFor({ id, name, note, asked_at, joined_there = [], banned_there = [] }) {
  const article = make("article", { className: "report" });
  article.dataset.newcomer = String(id);
  article.ariaLabel = name;
  const asked = make("time", { dateTime: asked_at }, timeOf(asked_at));
  const status = make("div", { className: "report-outcome" });
  status.role = "status";
  article.append(
    make(
      "h3",
      { className: "report-head" },
      make("bdi", {}, name),
      make("span", { className: "report-when" }, asked),
    ),
    ...(note ? [make("blockquote", { className: "report-body", dir: "auto" }, note)] : []),
    ...known(gettext("Banned people of the same network: {names}"), banned_there),
    ...known(gettext("Joined lately from the same network: {names}"), joined_there),
    make(
      "div",
      { className: "report-actions" },
      actButton("approve", gettext("Let in"), "is-primary"),
      actButton("refuse", gettext("Refuse…"), ""),
    ),
    refusalForm(id),
    status,
  );
  return article;
}

/** @param {number} id */
function refusalForm(id) {
  const form = make("form", { className: "newcomer-refusal", hidden: true });
  const field = make("input", {
    className: "field",
    id: `refusal-${id}`,
    dir: "auto",
    maxLength: REASON_MAX_LENGTH,
    autocomplete: "off",
  });
  const label = make("label", { htmlFor: field.id }, gettext("Why? They read this (optional)"));
  const submit = make("button", { className: "button is-small is-danger" }, gettext("Refuse"));
  form.append(
    label,
    field,
    make(
      "div",
      { className: "report-actions" },
      submit,
      actButton("cancel", gettext("Cancel"), ""),
    ),
  );
  return form;
}

/**
 * @param {string} text
 * @param {MemberRef[]} members
 */
function known(text, members) {
  const names = members.map(({ name }) => name).join(", ");
  return names ? [make("p", { className: "report-about" }, interpolate(text, { names }))] : [];
}

/** @param {string} moment */
function timeOf(moment) {
  return new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(new Date(moment));
}

/**
 * @param {string} act
 * @param {string} label
 * @param {string} kind
 */
function actButton(act, label, kind) {
  const button = make("button", { type: "button", className: `button is-small ${kind}` }, label);
  button.dataset.act = act;
  return button;
}
