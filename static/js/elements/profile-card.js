import { fillAvatar, isTouch, make } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { closeByPressBeside } from "../helpers/press-beside.js";

/** @import { MemberRef } from "../protocol.js" */

/**
 * @typedef {{ label: string, run: () => void, isDanger?: boolean, isModeration?: boolean }} CardAction
 * @typedef {{
 *   handle?: string, pronouns?: string, about?: string, status?: string, localTime?: string,
 *   formerNames?: string[],
 * }} Details What the member says about themselves, in the words in which it is shown.
 * @typedef {{ member: MemberRef, facts: string[], actions: CardAction[], details?: Details }} Profile
 */

/** Narrower than this, the card is a sheet at the foot of the screen. Pixels. */
const NARROW = 768;
/** Between the card and what it hangs on, and the edge of the screen. Pixels. */
const DISTANCE = 8;

/**
 * Who someone is, and what one can do about it: a card near the name that was chosen, or a sheet at the
 * foot of a small screen. Outcomes are said on the card. Closes by Escape and by a press beside it, except
 * in a dialog that it has opened.
 */
export class ProfileCard extends HTMLElement {
  /** @type {HTMLElement | null} */
  #origin = null;
  /** @type {Profile | null} */
  #profile = null;
  #head = make("div", { className: "profile-head" });
  #details = make("div", { className: "profile-details" });
  #actions = make("div", { className: "profile-actions" });
  #outcome = make("p", { className: "profile-outcome" });
  #life = new AbortController();

  connectedCallback() {
    this.#outcome.role = "status";
    this.replaceChildren(this.#head, this.#details, this.#outcome, this.#actions);
    this.addEventListener("keydown", (event) => this.#key(event));
    this.#life = new AbortController();
    const { signal } = this.#life;
    const isOpen = () => this.isOpen && this.#isSheet;
    closeByPressBeside(this, { isOpen, close: () => this.close(), signal });
    document.addEventListener("pointerdown", (event) => this.#pressBeside(event), { signal });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** @returns {boolean} */
  get isOpen() {
    return this.matches(":popover-open");
  }

  /** @returns {number} whose card it is; 0 while it is closed */
  get memberId() {
    return this.isOpen ? (this.#profile?.member.id ?? 0) : 0;
  }

  /**
   * @param {Profile} profile
   * @param {HTMLElement} origin the name or the face that was chosen
   */
  open(profile, origin) {
    this.#origin = origin;
    this.#outcome.replaceChildren();
    this.classList.toggle("is-sheet", isTouch() || innerWidth < NARROW);
    this.update(profile);
    this.showPopover();
    this.#position();
    // What may be done is known a moment later; till then, Escape already finds the focus here.
    (this.#buttons[0] ?? this.#head.querySelector("button"))?.focus();
  }

  /** @param {Profile} profile of the same member, as it is now */
  update(profile) {
    this.#profile = profile;
    const { member, facts, actions, details = {} } = profile;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const label = this.contains(focused) ? focused?.textContent : null;
    const avatar = make("span", { className: "avatar", ariaHidden: "true" });
    fillAvatar(avatar, member);
    const name = make("h2", { id: "profile-name", dir: "auto" }, member.name);
    const told = make("p", { className: "profile-facts" }, facts.join(" · "));
    const heading = make("div", {}, name, ...callsOf(details), told);
    this.#head.replaceChildren(avatar, heading, this.#closeButton());
    this.#details.replaceChildren(...linesOf(details));

    const own = actions.filter(({ isModeration }) => !isModeration).map(newButton);
    const moderation = actions.filter(({ isModeration }) => isModeration).map(newButton);
    const group = make("div", { className: "profile-moderation", role: "group" }, ...moderation);
    group.ariaLabel = gettext("Moderation");
    this.#actions.replaceChildren(...own, ...(moderation.length > 0 ? [group] : []));
    if (label !== null) {
      const again = this.#buttons.find(({ textContent }) => textContent === label);
      (again ?? this.#outcome.querySelector("button") ?? this.#buttons[0])?.focus();
    }
    if (this.isOpen) {
      this.#position();
    }
  }

  /**
   * What was done, where it was done.
   *
   * @param {(string | Node)[]} parts
   * @param {(() => void) | null} undo takes it back, where that is possible
   */
  announce(parts, undo = null) {
    const button = make("button", { type: "button", className: "button is-small" });
    button.textContent = gettext("Undo");
    button.addEventListener("click", () => undo?.());
    this.#outcome.replaceChildren(make("span", {}, ...parts), ...(undo ? [" ", button] : []));
    this.#position();
    // A finger and a key find it where they are: the button that was pressed may be gone.
    if (undo && !this.contains(document.activeElement)) {
      button.focus();
    }
  }

  /** @param {{ focus?: boolean }} how `focus`: back to where the card was opened */
  close({ focus = true } = {}) {
    if (this.isOpen) {
      this.hidePopover();
      if (focus && this.#origin?.isConnected) {
        this.#origin.focus();
      }
    }
  }

  get #buttons() {
    return [...this.#actions.querySelectorAll("button")];
  }

  #closeButton() {
    const button = make("button", {
      type: "button",
      className: "button is-quiet is-icon is-small",
    });
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", "#icon-close");
    icon.append(use);
    button.append(icon);
    button.ariaLabel = gettext("Close");
    button.addEventListener("click", () => this.close());
    return button;
  }

  get #isSheet() {
    return this.classList.contains("is-sheet");
  }

  /** @param {Event} event a press beside the card closes it, and does what it does */
  #pressBeside({ target }) {
    const pressed = /** @type {Element} */ (target);
    if (!this.#isSheet && !this.contains(pressed) && !pressed.closest("dialog[open]")) {
      this.close({ focus: false });
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const all = [...this.querySelectorAll("button")];
    const at = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab") {
      event.preventDefault();
      const next = at + (event.shiftKey ? -1 : 1);
      all[(next + all.length) % all.length]?.focus();
    }
  }

  /** Beside a name at the end of a line, below any other; the sheet has its place by its style. */
  #position() {
    const place = this.#origin?.getBoundingClientRect();
    if (this.#isSheet || !place) {
      this.style.removeProperty("top");
      this.style.removeProperty("left");
      return;
    }
    const { width, height } = this.getBoundingClientRect();
    const isBeside = place.left > innerWidth / 2;
    const left = isBeside ? place.left - width - DISTANCE : place.left;
    const below = isBeside ? place.top : place.bottom + DISTANCE;
    const isTooLow = below + height > innerHeight - DISTANCE;
    const above = isBeside ? innerHeight - height - DISTANCE : place.top - height - DISTANCE;
    const most = innerWidth - width - DISTANCE;
    this.style.setProperty("left", `${Math.max(DISTANCE, Math.min(left, most))}px`);
    this.style.setProperty("top", `${Math.max(DISTANCE, isTooLow ? above : below)}px`);
  }
}

/** @param {CardAction} action */
function newButton({ label, run, isDanger }) {
  const className = isDanger ? "button is-quiet is-danger-text" : "button is-quiet";
  const button = make("button", { type: "button", className }, label);
  button.addEventListener("click", run);
  return button;
}

/** @param {Details} details @returns {HTMLElement[]} what they are called besides their name */
function callsOf({ handle, pronouns }) {
  const calls = [...(handle ? [`@${handle}`] : []), ...(pronouns ? [pronouns] : [])];
  return calls.length > 0
    ? [make("p", { className: "profile-calls", dir: "auto" }, calls.join(" · "))]
    : [];
}

/** @param {Details} details @returns {HTMLElement[]} */
function linesOf({ status, about, localTime, formerNames = [] }) {
  const before = formerNames.length > 0 && [
    interpolate(gettext("Earlier names: {names}"), { names: formerNames.join(", ") }),
  ];
  return [
    ...(status ? [make("p", { className: "profile-status", dir: "auto" }, status)] : []),
    ...(about ? [make("p", { className: "profile-about", dir: "auto" }, about)] : []),
    ...(localTime ? [make("p", { className: "profile-note" }, localTime)] : []),
    ...(before || []).map((text) => make("p", { className: "profile-note", dir: "auto" }, text)),
  ];
}
