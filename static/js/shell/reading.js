import { find, on } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";

/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Place } from "../helpers/list-scroller.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { KeyValueStorage } from "../models/stored-queue.js" */
/** @import { Action } from "./message-actions.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** The timeline of the room on the screen: from one place of it to another, and back to where one was. */
export class Reading {
  #parts;
  #jump = find(document, ".jump", HTMLButtonElement);

  /**
   * @param {{
   *   current: CurrentRoom, list: MessageList, notices: Notices, tabStorage: KeyValueStorage,
   *   actions: Action[], focusBack: () => void,
   * }} parts `focusBack`: to where the member writes
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current, list, focusBack } = this.#parts;
    on(list, "message-wanted", ({ seq }) => this.to(seq));
    on(list, "end-wanted", ({ atHand }) => this.#lead(atHand));
    on(list, "history-wanted", async () => {
      const { session } = current;
      await session.history.older();
      this.#whileIn(session, () => list.historyLoaded());
    });
    on(list, "newer-wanted", async () => {
      const { session } = current;
      await session.history.newer();
      this.#whileIn(session, () => list.newerLoaded());
    });
    on(list, "end-changed", (place) => this.#showJump(place));
    this.#jump.addEventListener("click", () => {
      list.toEnd();
      focusBack();
    });
    current.follow((session) => this.#show(session));
    on(current, "leave", (session) => this.#keepPlace(session));
    addEventListener("pagehide", () => this.#keepPlace(current.session));
  }

  /** @param {number} seq of a message of the room on the screen */
  async to(seq) {
    const { current, list, notices } = this.#parts;
    const { session } = current;
    const held = await session.history.around(seq);
    this.#whileIn(session, () => {
      if (held) {
        list.toMessage(seq);
      } else if (held === false) {
        notices.toast(gettext("That message is not at hand."));
      }
    });
  }

  toEnd() {
    this.#parts.list.toEnd();
  }

  /** To where the reader was, in a room whose place is not among what is held. */
  async back() {
    const { current, list } = this.#parts;
    const { session } = current;
    const place = this.#keptPlace(session);
    const isAway = place !== null && session.timeline.at(place.seq) === undefined;
    if (isAway && (await session.history.around(place.seq))) {
      this.#whileIn(session, () => list.toPlace(place));
    }
  }

  /** @param {RoomSession} session */
  #show(session) {
    const { list, actions } = this.#parts;
    const { timeline, outbox, changes, names, unread, permissions, me } = session;
    session.reconcile();
    list.show({
      timeline,
      outbox,
      changes,
      names,
      unread,
      me,
      canAct: (message) => actions.some(({ isAvailable }) => isAvailable(message)),
      canExpand: () => permissions.isModerator,
      place: this.#keptPlace(session),
    });
  }

  /** The reader wants to the end. @param {boolean} atHand whether the end is among what is held */
  async #lead(atHand) {
    const { current, list } = this.#parts;
    const { session } = current;
    if (atHand) {
      session.history.stay();
    } else if (await session.history.end()) {
      this.#whileIn(session, () => list.toEnd());
    }
  }

  /**
   * @param {RoomSession} session
   * @param {() => void} action that comes too late if another room is on the screen by now
   */
  #whileIn(session, action) {
    if (session === this.#parts.current.session) {
      action();
    }
  }

  /** @param {{ atEnd: boolean, below: number }} place */
  #showJump({ atEnd, below }) {
    this.#jump.hidden = atEnd;
    find(this.#jump, "span", HTMLElement).textContent =
      below > 0
        ? interpolate(gettext("Jump to newest ({count})"), { count: below.toLocaleString() })
        : gettext("Jump to newest");
  }

  /**
   * @param {RoomSession} session
   * @returns {Place | null}
   */
  #keptPlace({ owner }) {
    try {
      return JSON.parse(this.#parts.tabStorage.getItem(`place:${owner}`) ?? "null");
    } catch {
      return null;
    }
  }

  /** @param {RoomSession} session */
  #keepPlace({ owner }) {
    const { list, tabStorage } = this.#parts;
    tabStorage.setItem(`place:${owner}`, JSON.stringify(list.place));
  }
}
