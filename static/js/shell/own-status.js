import { EmojiPicker } from "../elements/emoji-picker.js";
import { find, make, on } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { statusText } from "../helpers/profile-texts.js";
import { momentText, preciseNow } from "../helpers/time.js";
import { endChoices, endOf, quickStatuses } from "../models/statuses.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";
import { refusalText } from "./refusals.js";

/** @import { Notices } from "../helpers/notices.js" */
/** @import { Clock } from "../models/clock.js" */
/** @import { Faces } from "../models/faces.js" */
/** @import { Ends, QuickStatus } from "../models/statuses.js" */
/** @import { MemberRef } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */

/** Where none was chosen. */
const USUAL_EMOJI = "💬";

/** My status: in the account menu with quick choices, and in a dialog with all of them. */
export class OwnStatus {
  #parts;
  #dialog;
  #menu = find(document, ".account", HTMLDetailsElement);
  #emoji;
  #picker;

  /**
   * @param {{
   *   me: MemberRef, requests: Requests, faces: Faces, clock: Clock, notices: Notices,
   *   focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    const submit = (/** @type {FormData} */ answers) => this.#save(answers);
    this.#dialog = new FormDialog("#own-status", { submit, focusBack: parts.focusBack });
    this.#emoji = find(this.#dialog.form, ".status-emoji", HTMLButtonElement);
    this.#picker = find(this.#dialog.form, "emoji-picker", EmojiPicker);
  }

  connect() {
    const { form } = this.#dialog;
    const quick = quickStatuses();
    const inMenu = quick.map((one) => chip(one, () => this.#choose(one)));
    find(this.#menu, ".status-choices", HTMLElement).replaceChildren(...inMenu);
    const inDialog = quick.map((one) => chip(one, () => this.#fill(one)));
    find(form, ".status-choices", HTMLElement).replaceChildren(...inDialog);
    find(this.#menu, "#status-button", HTMLElement).addEventListener("click", () => this.#open());
    find(this.#menu, "#clear-status", HTMLElement).addEventListener("click", () => this.#clear());
    this.#emoji.addEventListener("click", () => this.#togglePicker(this.#picker.hidden));
    on(this.#picker, "emoji-chosen", (emoji) => {
      this.#emoji.textContent = emoji;
      this.#togglePicker(false);
      this.#emoji.focus();
    });
    on(this.#parts.faces, "change", () => this.#show());
  }

  get #mine() {
    const { me, faces } = this.#parts;
    return faces.get(me.id)?.status;
  }

  /** In the menu, and beside my name. */
  #show() {
    const text = statusText(this.#mine);
    const { emoji = text ? USUAL_EMOJI : "" } = this.#mine ?? {};
    find(this.#menu, ".me-status", HTMLElement).textContent = emoji;
    find(this.#menu, "#status-button", HTMLElement).textContent = text || gettext("Set a status…");
    find(this.#menu, "#clear-status", HTMLElement).hidden = text === "";
    find(this.#menu, ".status-choices", HTMLElement).hidden = text !== "";
  }

  #open() {
    this.#menu.open = false;
    this.#dialog.open();
    this.#togglePicker(false);
    const { emoji = "", text = "", until } = this.#mine ?? {};
    this.#offerEnds(until);
    this.#fill({ emoji, text, ends: until ? "keep" : "" });
  }

  /** @param {string} [until] when the status of now ends */
  #offerEnds(until) {
    const ends = endChoices().map(([value, text]) => make("option", { value }, text));
    if (until) {
      const time = momentText(Date.parse(until));
      const text = interpolate(gettext("Until {time}, as now"), { time });
      ends.unshift(make("option", { value: "keep" }, text));
    }
    const select = find(this.#dialog.form, "#own-status-ends", HTMLSelectElement);
    select.replaceChildren(...ends);
  }

  /** @param {QuickStatus} status */
  #fill({ emoji, text, ends }) {
    const { form } = this.#dialog;
    this.#emoji.textContent = emoji || USUAL_EMOJI;
    find(form, "[name=text]", HTMLInputElement).value = text;
    find(form, "#own-status-ends", HTMLSelectElement).value = ends;
  }

  /** @param {boolean} isOpen */
  #togglePicker(isOpen) {
    this.#picker.hidden = !isOpen;
    this.#emoji.ariaExpanded = String(isOpen);
    if (isOpen) {
      this.#picker.reset();
    }
  }

  /** @param {FormData} answers */
  async #save(answers) {
    const text = String(answers.get("text")).trim();
    const shown = this.#emoji.textContent ?? "";
    // The usual one alone says nothing.
    const emoji = text || shown !== USUAL_EMOJI ? shown : "";
    const ends = /** @type {Ends} */ (String(answers.get("ends")));
    await this.#set({ emoji, text, ends });
    this.#parts.notices.toast(gettext("Your status was saved."));
  }

  /** @param {QuickStatus} status */
  async #choose(status) {
    await this.#setFromMenu(status, gettext("Your status was saved."));
  }

  async #clear() {
    await this.#setFromMenu({ emoji: "", text: "", ends: "" }, gettext("Your status was cleared."));
  }

  /**
   * @param {QuickStatus} status
   * @param {string} said
   */
  async #setFromMenu(status, said) {
    const { notices, focusBack } = this.#parts;
    this.#menu.open = false;
    // On narrow screens, the drawer that the menu is in.
    /** @type {HTMLElement | null} */ (this.#menu.closest(":popover-open"))?.hidePopover();
    focusBack();
    try {
      await this.#set(status);
      notices.toast(said);
    } catch (error) {
      notices.toast(refusalText(error));
    }
  }

  /** @param {QuickStatus} status */
  async #set({ emoji, text, ends }) {
    const { me, requests, faces, clock } = this.#parts;
    const end = endOf(ends, Date.now());
    // What ends at midnight here is told in the server's time.
    const ahead = Date.now() - clock.server(preciseNow());
    const told = end === null ? undefined : new Date(end - ahead).toISOString();
    const until = ends === "keep" ? this.#mine?.until : told;
    const status = { emoji, text, ...(until && { until }) };
    await requests.ask({ type: Command.SET_STATUS, ...status });
    const face = { ...me, ...faces.get(me.id) };
    faces.note([{ ...face, status: emoji || text ? status : undefined }]);
  }
}

/**
 * @param {QuickStatus} status
 * @param {() => void} choose
 */
function chip({ emoji, text }, choose) {
  const sign = make("span", { ariaHidden: "true" }, emoji);
  const button = make("button", { type: "button", className: "button is-small" }, sign, text);
  button.addEventListener("click", choose);
  return button;
}
