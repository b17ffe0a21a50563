import { fillAvatar, find, isolated, make, on } from "../helpers/dom.js";
import { gettext, interpolate, interpolateNodes } from "../helpers/i18n.js";
import { listedParts } from "../helpers/text.js";
import { showDialog } from "./dialogs.js";

/** @import { MemberRef, Message, Reaction } from "../protocol.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Action } from "./message-actions.js" */

/** What the hint names; the dialog names everyone. */
const NAMED = 10;
/** Between the hint and the reaction. Pixels. */
const DISTANCE = 4;

/**
 * The people behind a reaction: a hint while it is pointed at or has the focus, and the whole list in a
 * dialog, by the message's menu or a finger that rests on the reaction; for a visitor by the reaction itself.
 */
export class WhoReacted {
  #parts;
  #hint = find(document, "#reaction-hint", HTMLElement);
  /** @type {HTMLElement | null} whose people the hint names */
  #hinted = null;
  /** Lists the people of the dialog anew, under the names of now. */
  #listAgain = () => {};

  /**
   * @param {{
   *   me: MemberRef | null, current: CurrentRoom, list: MessageList, actions: Action[],
   *   focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    // The rows of a visitor have no menu.
    if (parts.me) {
      parts.actions.push({
        label: gettext("Who reacted…"),
        isAvailable: ({ reactions = [] }) => reactions.length > 0,
        run: (message) => this.#showAll(message),
      });
    }
  }

  connect() {
    const { list, current } = this.#parts;
    current.follow(({ names }, signal) => on(names, "change", () => this.#nameAgain(), signal));
    list.addEventListener("pointerover", ({ target, pointerType }) => {
      if (pointerType !== "touch") {
        this.#follow(target);
      }
    });
    list.addEventListener("pointerleave", () => this.#hide());
    list.addEventListener("focusin", ({ target }) => {
      if (target instanceof Element && target.matches(":focus-visible")) {
        this.#follow(target);
      }
    });
    list.addEventListener("focusout", () => this.#hide());
    list.addEventListener("scroll", () => this.#hide(), { passive: true });
    list.addEventListener("keydown", ({ key }) => key === "Escape" && this.#hide());
    on(list, "reactors-wanted", ({ message }) => this.#showAll(message));
  }

  /** @param {EventTarget | null} target */
  #follow(target) {
    const item = target instanceof Element ? target.closest(".reaction-item") : null;
    const button = item?.querySelector(".reaction");
    if (button instanceof HTMLElement) {
      this.#show(button);
    } else {
      this.#hide();
    }
  }

  /** @param {HTMLElement} button */
  #show(button) {
    const row = /** @type {HTMLElement | null} */ (button.closest("li.message"));
    const message = this.#parts.list.shown(Number(row?.dataset.seq));
    const { emoji = "" } = button.dataset;
    const members = message?.reactions?.find((held) => held.emoji === emoji)?.members;
    if (!members) {
      this.#hide();
      return;
    }
    // The browser would show its own hint beside ours.
    button.removeAttribute("title");
    const names = this.#meFirst(members).map((member) => this.#nameOf(member));
    const parts = listedParts(names, NAMED).map(({ type, value }) =>
      type === "element" ? isolated(value) : value,
    );
    const listed = make("span", {}, ...parts);
    const sentence = gettext("{names} reacted with {emoji}");
    this.#hint.replaceChildren(
      ...interpolateNodes(sentence, { names: listed, emoji }),
      ...members.slice(0, NAMED).map(mark),
    );
    this.#hinted = button;
    this.#hint.showPopover();
    this.#position(button);
  }

  /**
   * After the last reaction, where it covers no text; on a screen without room for it, above.
   *
   * @param {HTMLElement} button
   */
  #position(button) {
    const chip = button.getBoundingClientRect();
    const chips = /** @type {HTMLElement} */ (button.closest(".reactions")).lastElementChild;
    const last = (chips ?? button).getBoundingClientRect();
    const size = this.#hint.getBoundingClientRect();
    const isMirrored = getComputedStyle(button).direction === "rtl";
    const beside = isMirrored ? last.left - DISTANCE - size.width : last.right + DISTANCE;
    const most = innerWidth - size.width - DISTANCE;
    const fits = beside >= DISTANCE && beside <= most;
    const top = fits
      ? last.top + (last.height - size.height) / 2
      : Math.max(DISTANCE, chip.top - size.height - DISTANCE);
    const left = fits ? beside : Math.max(DISTANCE, Math.min(chip.left, most));
    this.#hint.style.setProperty("top", `${top}px`);
    this.#hint.style.setProperty("left", `${left}px`);
  }

  #nameAgain() {
    if (this.#hinted?.isConnected) {
      this.#show(this.#hinted);
    }
    this.#listAgain();
  }

  #hide() {
    this.#hinted = null;
    if (this.#hint.matches(":popover-open")) {
      this.#hint.hidePopover();
    }
  }

  /** @param {Message} message */
  #showAll({ reactions = [] }) {
    this.#hide();
    const dialog = showDialog("#who-reacted", this.#parts.focusBack);
    this.#listAgain = () => dialog.open && this.#list(dialog, reactions);
    this.#listAgain();
  }

  /**
   * @param {HTMLDialogElement} dialog
   * @param {Reaction[]} reactions
   */
  #list(dialog, reactions) {
    const groups = reactions.map(({ emoji, members }) => {
      const people = this.#meFirst(members).map((member) => this.#person(member));
      const list = make("ul", { className: "reactors" }, ...people);
      list.ariaLabel = interpolate(gettext("Reacted with {emoji}"), { emoji });
      const heading = make("h3", { className: "reactors-title" });
      const sign = make("span", { className: "reaction-emoji" }, emoji);
      heading.append(sign, " ", make("span", {}, String(members.length)));
      return make("section", {}, heading, list);
    });
    find(dialog, ".reactor-groups", HTMLElement).replaceChildren(...groups);
  }

  /** @param {MemberRef[]} members */
  #meFirst(members) {
    const isMe = (/** @type {MemberRef} */ { id }) => Number(id === this.#parts.me?.id);
    return [...members].sort((one, other) => isMe(other) - isMe(one));
  }

  /** @param {MemberRef} member */
  #person(member) {
    const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
    fillAvatar(avatar, member);
    return make("li", {}, avatar, make("span", { dir: "auto" }, this.#nameOf(member)));
  }

  /** @param {MemberRef} member */
  #nameOf(member) {
    const { me, current } = this.#parts;
    return member.id === me?.id ? gettext("You") : current.session.names.of(member);
  }
}

/**
 * Makes the page ask how this member is called now.
 *
 * @param {MemberRef} member
 */
function mark({ id }) {
  const asked = make("span", { hidden: true });
  asked.dataset.face = String(id);
  return asked;
}
