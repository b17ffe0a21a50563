import { PeoplePanel } from "../elements/people-panel.js";
import { find, on } from "../helpers/dom.js";
import { ngettext } from "../helpers/i18n.js";
import { folded } from "../helpers/text.js";
import { throttle } from "../helpers/timing.js";
import { Command } from "../protocol.js";
import { Rejected } from "../realtime/requests.js";

/** @import { Faces } from "../models/faces.js" */
/** @import { MemberRef, PeoplePage, PresentMember } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** What is typed is looked for so often at most. Milliseconds. */
const SEARCH_INTERVAL = 500;
/** In a large room people come and go all the time: its list is read again so often at most. ms */
const RELOAD_INTERVAL = 10_000;
/** After an error without another time. Milliseconds. */
const RETRY_DELAY = 2_000;

/**
 * The people of the room on the screen. In most rooms the page knows all of them; those of a large room
 * are asked for, page by page, while someone looks at the list.
 */
export class People {
  #parts;
  #panel = find(document, "people-panel", PeoplePanel);
  /** @type {PresentMember[]} of a large room, those that were found so far */
  #found = [];
  #more = false;
  /** Whether `found` is the answer to what is looked for now. */
  #isComplete = false;
  #isLoading = false;
  /** Which question the next answer must belong to. */
  #question = 0;

  /** @param {{ me: MemberRef, current: CurrentRoom, requests: Requests, faces: Faces }} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current } = this.#parts;
    on(this.#panel, "people-search", () => this.#search());
    on(this.#panel, "more-people-wanted", () => this.#loadMore());
    on(this.#panel, "people-shown", () => this.#refresh());
    on(this.#parts.faces, "change", () => this.#show());
    current.follow(({ roster }, signal) => {
      this.#panel.reset();
      this.#forget();
      on(roster, "change", () => this.#refresh(), signal);
      this.#refresh();
    });
  }

  get #roster() {
    return this.#parts.current.session.roster;
  }

  #refresh() {
    this.#show();
    if (this.#roster.isWhole || !this.#panel.isVisible) {
      return;
    }
    if (this.#isComplete) {
      this.#reloadSoon();
    } else {
      this.#loadSoon();
    }
  }

  #search() {
    this.#forget();
    this.#refresh();
  }

  #forget() {
    this.#question += 1;
    this.#isComplete = false;
    this.#found = [];
    this.#more = false;
  }

  #show() {
    const { me } = this.#parts;
    const { count, typing, isWhole } = this.#roster;
    const people = isWhole ? this.#roster.listFor(me, this.#panel.query) : this.#foundWithMe();
    const isComplete = isWhole || this.#isComplete;
    const more = !isWhole && this.#more;
    const faceOf = (/** @type {number} */ id) => this.#parts.faces.get(id);
    this.#panel.show({ people, count, me, typing, more, isComplete, faceOf });
    find(document, "#here-count", HTMLElement).textContent =
      count > 0 ? ngettext("{count} here", "{count} here", count) : "";
  }

  /** @returns {PresentMember[]} I stand first, wherever the page is that I am on */
  #foundWithMe() {
    const { me } = this.#parts;
    const mine = this.#found.find(({ id }) => id === me.id) ?? me;
    const others = this.#found.filter(({ id }) => id !== me.id);
    return folded(me.name).includes(folded(this.#panel.query)) ? [mine, ...others] : others;
  }

  #loadSoon = throttle(() => this.#load([]), SEARCH_INTERVAL);

  /** Only the beginning: what was scrolled to does not move away. */
  #reloadSoon = throttle(() => {
    if (this.#isComplete && this.#panel.isAtStart && !this.#roster.isWhole) {
      this.#load([]);
    }
  }, RELOAD_INTERVAL);

  #loadMore() {
    if (this.#isComplete && this.#more && !this.#isLoading) {
      this.#load(this.#found);
    }
  }

  /** @param {PresentMember[]} found so far; a page is added */
  async #load(found) {
    const { requests, current } = this.#parts;
    const after = found.at(-1);
    const query = this.#panel.query;
    this.#question += 1;
    const question = this.#question;
    const type = Command.FIND_PEOPLE;
    const command = { type, room: current.session.key, query, ...(after && { after }) };
    this.#isLoading = true;
    try {
      /** @type {PeoplePage} */
      const page = await requests.ask(command);
      if (question === this.#question) {
        this.#found = [...found, ...page.people];
        this.#more = page.more;
        this.#isComplete = true;
        this.#show();
      }
    } catch (error) {
      const delay = (error instanceof Rejected && error.retryMs) || RETRY_DELAY;
      setTimeout(() => {
        if (question === this.#question) {
          this.#refresh();
        }
      }, delay);
    } finally {
      this.#isLoading = false;
    }
  }
}
