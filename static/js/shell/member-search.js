import { make } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { memberFace } from "../helpers/member-face.js";
import { folded } from "../helpers/text.js";
import { throttle } from "../helpers/timing.js";
import { Command } from "../protocol.js";
import { refusalText } from "./refusals.js";

/** @import { MemberRef } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** A search waits for so long after a letter. Milliseconds. */
const SEARCH_INTERVAL = 250;
/** So many people are suggested at once; more letters find the others. */
const OFFERED = 6;

/**
 * Finding people by name, to add them or to write to them: a field with those below it whom this page has met
 * or the server knows. Enter takes the first one.
 */
export class MemberSearch {
  #parts;
  /** Of several answers only that to the last question counts. */
  #asked = 0;
  /** @type {MemberRef[]} whom the server found */
  #found = [];

  /**
   * @param {{
   *   field: HTMLInputElement, list: HTMLUListElement, status: HTMLElement, me: MemberRef,
   *   requests: Requests, sessions: RoomSessions, isOffered: (member: MemberRef) => boolean,
   *   choose: (member: MemberRef) => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { field } = this.#parts;
    field.addEventListener("input", () => {
      this.#found = [];
      this.#draw(false);
      this.#search();
    });
    field.addEventListener("keydown", (event) => {
      const [first] = this.#suggestions;
      if (event.key === "Enter" && field.value.trim() !== "") {
        event.preventDefault();
        if (first) {
          this.#choose(first);
        }
      }
    });
  }

  clear() {
    this.#parts.field.value = "";
    this.#asked += 1;
    this.#found = [];
    this.#draw(false);
  }

  get #query() {
    return this.#parts.field.value.trim();
  }

  /** @returns {MemberRef[]} */
  get #suggestions() {
    const wanted = folded(this.#query);
    if (!wanted) {
      return [];
    }
    const known = this.#known().filter(({ name }) => folded(name).includes(wanted));
    const all = new Map([...known, ...this.#found].map((member) => [member.id, member]));
    const { me, isOffered } = this.#parts;
    return [...all.values()]
      .filter((member) => member.id !== me.id && isOffered(member))
      .slice(0, OFFERED);
  }

  /** @returns {MemberRef[]} those who spoke or are in the rooms that this page holds */
  #known() {
    return this.#parts.sessions.all.flatMap(({ roster, timeline }) => [
      ...timeline.messages.map(({ author }) => author),
      ...roster.members,
    ]);
  }

  #search = throttle(async () => {
    const query = this.#query;
    this.#asked += 1;
    const asked = this.#asked;
    if (!query) {
      return;
    }
    const { requests, status } = this.#parts;
    try {
      const { members } = await requests.ask({ type: Command.FIND_MEMBERS, query });
      if (asked === this.#asked) {
        this.#found = members;
        this.#draw(true);
      }
    } catch (error) {
      status.textContent = refusalText(error);
    }
  }, SEARCH_INTERVAL);

  /** @param {boolean} isComplete whether the server has answered */
  #draw(isComplete) {
    const { list, status } = this.#parts;
    const suggestions = this.#suggestions;
    // The answer comes while someone is on a button already.
    const focused = document.activeElement?.closest("li");
    const kept = focused && list.contains(focused) ? focused.dataset.member : "";
    list.replaceChildren(...suggestions.map((member) => this.#item(member)));
    if (kept) {
      const again = list.querySelector(`[data-member="${kept}"] button`);
      /** @type {HTMLElement} */ (again ?? this.#parts.field).focus();
    }
    if (this.#query) {
      const isNobody = isComplete && suggestions.length === 0;
      status.textContent = isNobody ? gettext("Nobody else on this site has such a name.") : "";
    }
  }

  /** @param {MemberRef & { handle?: string }} member */
  #item(member) {
    const button = make("button", { type: "button", className: "button is-small" });
    button.textContent = gettext("Add");
    const name = make("bdi", { className: "visually-hidden" }, ` ${member.name}`);
    button.append(name);
    button.addEventListener("click", () => this.#choose(member));
    const called = member.handle ? `@${member.handle}` : "";
    const item = make("li", { className: "member-item" }, ...memberFace(member, called), button);
    item.dataset.member = String(member.id);
    return item;
  }

  /** @param {MemberRef} member */
  #choose(member) {
    this.clear();
    this.#parts.field.focus();
    this.#parts.choose(member);
  }
}
