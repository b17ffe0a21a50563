import { emit, find, placeInOrder } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { buttonOf, fillPersonRow, newPersonRow } from "../helpers/person-row.js";
import { RowWindow } from "../helpers/row-window.js";

/** @import { MemberFace, MemberRef, PresentMember } from "../protocol.js" */

/**
 * @typedef {{
 *   people: PresentMember[], count: number, me: MemberRef | null, typing: string[], more: boolean,
 *   isComplete: boolean, faceOf?: (id: number) => MemberFace | undefined,
 * }} PeopleShown `people`: in order, those that are looked for; `count`: all who are here; `more`: there
 *   are more to be asked for; `isComplete`: nothing is asked for at the moment; `faceOf`: how they look now
 */

/** @type {PeopleShown} */
const NOBODY = { people: [], count: 0, me: null, typing: [], more: false, isComplete: false };
/** More people are asked for when the end is this near. Pixels. */
const NEAR_END = 400;
/** A page of rows, for Page Up and Page Down. */
const PAGE = 10;
/** Until a row can be measured. Pixels. */
const ROW_HEIGHT = 36;

/**
 * Who is here, in a room of any size: a few rows of the list are made, around the place that is
 * looked at. Tells `people-search` (detail: what was typed), `more-people-wanted`, `people-shown` (it has
 * become visible) and `profile-wanted` (detail: { member, origin }).
 */
export class PeoplePanel extends HTMLElement {
  #shown = NOBODY;
  /** @type {Map<number, HTMLLIElement>} by member */
  #rows = new Map();
  #window = new RowWindow(() => this.#rowHeight);
  /** The member whose row the Tab key leads to. */
  #active = 0;
  /** @type {ResizeObserver | null} */
  #sizes = null;
  #wasVisible = false;

  connectedCallback() {
    this.#field.addEventListener("input", () => emit(this, "people-search", this.query));
    this.#field.addEventListener("keydown", (event) => this.#fieldKey(event));
    this.#list.addEventListener("keydown", (event) => this.#listKey(event));
    this.#list.addEventListener("click", ({ target }) => this.#choose(target));
    this.#list.addEventListener("focusin", ({ target }) => this.#activate(target));
    this.#scroller.addEventListener("scroll", () => this.#scroll(), { passive: true });
    this.#sizes = new ResizeObserver(() => this.#resize());
    this.#sizes.observe(this);
  }

  disconnectedCallback() {
    this.#sizes?.disconnect();
  }

  /** @returns {string} what is looked for */
  get query() {
    return this.#field.value.trim();
  }

  /** @returns {boolean} whether someone can see it */
  get isVisible() {
    return this.checkVisibility();
  }

  /** @returns {boolean} whether the beginning of the list is in sight */
  get isAtStart() {
    return this.#scroller.scrollTop < NEAR_END;
  }

  /** For another room: nobody is looked for, and the list begins at its beginning. */
  reset() {
    this.#field.value = "";
    this.#window.first = 0;
    this.#scroller.scrollTop = 0;
  }

  /** @param {PeopleShown} shown */
  show(shown) {
    this.#shown = shown;
    find(this, ".people-count", HTMLElement).textContent = shown.count.toLocaleString();
    const none = find(this, ".people-none", HTMLElement);
    const isNone = shown.people.length === 0 && shown.isComplete && this.query !== "";
    none.textContent = isNone ? gettext("Nobody here has such a name.") : "";
    none.hidden = !isNone;
    if (this.#scroller.clientHeight > 0) {
      this.#window.follow(this.#scroller, shown.people.length);
    }
    this.#draw();
  }

  /** Only the rows that are looked at, each made once and changed where it has changed. */
  #draw() {
    const { people, me, typing, faceOf } = this.#shown;
    const { first, last, before, after } = this.#window.of(people.length);
    const wanted = people.slice(first, last);
    const ids = new Set(wanted.map(({ id }) => id));
    this.#keepFocusOff(ids);
    for (const [id, row] of this.#rows) {
      if (!ids.has(id)) {
        row.remove();
        this.#rows.delete(id);
      }
    }
    if (!ids.has(this.#active)) {
      this.#active = wanted[0]?.id ?? 0;
    }
    const rows = wanted.map((person, index) => {
      const row = this.#rows.get(person.id) ?? newPersonRow(person);
      this.#rows.set(person.id, row);
      fillPersonRow(row, person, {
        isMe: person.id === me?.id,
        isTyping: typing.includes(person.name),
        face: faceOf?.(person.id),
      });
      row.setAttribute("aria-setsize", String(this.#shown.more ? -1 : people.length));
      row.setAttribute("aria-posinset", String(first + index + 1));
      buttonOf(row).tabIndex = person.id === this.#active ? 0 : -1;
      return row;
    });
    placeInOrder(this.#list, rows);
    this.#list.style.setProperty("padding-block", `${before}px ${after}px`);
  }

  /**
   * A row that goes must not take the focus with it.
   *
   * @param {Set<number>} ids of the rows that stay
   */
  #keepFocusOff(ids) {
    const row = /** @type {HTMLElement | null} */ (document.activeElement?.closest("li"));
    if (row && this.#list.contains(row) && !ids.has(Number(row.dataset.member))) {
      this.#field.focus({ preventScroll: true });
    }
  }

  #scroll() {
    if (this.#window.follow(this.#scroller, this.#shown.people.length)) {
      this.#draw();
    }
    this.#askForMore();
  }

  #askForMore() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (this.#shown.more && scrollTop + clientHeight > scrollHeight - NEAR_END) {
      emit(this, "more-people-wanted");
    }
  }

  #resize() {
    if (this.isVisible && !this.#wasVisible) {
      emit(this, "people-shown");
    }
    this.#wasVisible = this.isVisible;
  }

  // Keys

  /** @param {KeyboardEvent} event */
  #fieldKey(event) {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      this.#focus(0);
      if (event.key === "Enter") {
        this.#choose(document.activeElement);
      }
    } else if (event.key === "Escape" && this.#field.value !== "") {
      event.preventDefault();
      event.stopPropagation();
      this.#field.value = "";
      emit(this, "people-search", "");
    }
  }

  /** @param {KeyboardEvent} event */
  #listKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const last = this.#shown.people.length - 1;
    const at = this.#shown.people.findIndex(({ id }) => id === this.#active);
    /** @type {Record<string, number>} */
    const steps = {
      ArrowDown: Math.min(at + 1, last),
      ArrowUp: at - 1,
      PageDown: Math.min(at + PAGE, last),
      PageUp: Math.max(at - PAGE, 0),
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
    if (next !== undefined) {
      event.preventDefault();
      this.#focus(next);
    }
  }

  /** @param {number} index of the row; before the first one is the field */
  #focus(index) {
    const person = this.#shown.people[index];
    if (!person) {
      this.#field.focus();
      return;
    }
    this.#active = person.id;
    this.#window.reach(index, this.#shown.people.length);
    this.#draw();
    const row = this.#rows.get(person.id);
    if (row) {
      buttonOf(row).focus();
      row.scrollIntoView({ block: "nearest" });
    }
  }

  /** @param {EventTarget | null} target */
  #activate(target) {
    const id = this.#memberAt(target)?.id;
    if (id !== undefined && id !== this.#active) {
      this.#active = id;
      this.#draw();
    }
  }

  /** @param {EventTarget | null} target */
  #choose(target) {
    const member = this.#memberAt(target);
    if (member) {
      const origin = /** @type {Element} */ (target).closest("button");
      emit(this, "profile-wanted", { member: { id: member.id, name: member.name }, origin });
    }
  }

  /** @param {EventTarget | null} target */
  #memberAt(target) {
    const row = /** @type {HTMLElement | null} */ (
      /** @type {Element | null} */ (target)?.closest("li") ?? null
    );
    const id = Number(row?.dataset.member);
    return this.#shown.people.find((person) => person.id === id);
  }

  // Parts

  get #field() {
    return find(this, ".people-search", HTMLInputElement);
  }

  get #scroller() {
    return find(this, ".people-scroller", HTMLElement);
  }

  get #list() {
    return find(this, ".people-list", HTMLElement);
  }

  get #rowHeight() {
    const [row] = this.#rows.values();
    return row?.offsetHeight || ROW_HEIGHT;
  }
}
