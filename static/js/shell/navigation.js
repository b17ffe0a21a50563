import { on } from "../helpers/dom.js";

/** @import { Place } from "../elements/message-list.js" */
/** @import { OpenRoom } from "./open-room.js" */

/** From one place of the room to another, and back to where the reader was. */
export class Navigation {
  #room;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  connect() {
    const { list, history } = this.#room;
    on(list, "message-wanted", ({ seq }) => this.#to(seq));
    on(list, "end-wanted", ({ atHand }) => (atHand ? history.stay() : this.#toEnd()));
    on(list, "history-wanted", async () => {
      await history.older();
      list.historyLoaded();
    });
    on(list, "newer-wanted", async () => {
      await history.newer();
      list.newerLoaded();
    });
    addEventListener("hashchange", () => this.#toLink());
    addEventListener("pagehide", () => this.#keepPlace());
  }

  /** To the message that the address names, or to where the reader was; who just joined, writes. */
  begin() {
    if (this.#room.boot.focus || location.hash) {
      this.#toLink();
    } else {
      this.#back();
      if (cameFromOurPages() && !document.querySelector("[autofocus]")) {
        this.#room.composer.focus();
      }
    }
  }

  #toLink() {
    const linked = Number(/^#m(\d+)$/.exec(location.hash)?.[1] ?? this.#room.boot.focus ?? 0);
    if (linked) {
      this.#to(linked);
    }
  }

  /** @param {number} seq */
  async #to(seq) {
    const { history, list, notices } = this.#room;
    const held = await history.around(seq);
    if (held) {
      list.toMessage(seq);
    } else if (held === false) {
      notices.toast("That message is not at hand.");
    }
  }

  async #toEnd() {
    if (await this.#room.history.end()) {
      this.#room.list.toEnd();
    }
  }

  async #back() {
    const place = this.#keptPlace();
    if (place && (await this.#room.history.around(place.seq))) {
      this.#room.list.toPlace(place);
    }
  }

  /** @returns {Place | null} */
  #keptPlace() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#placeKey) ?? "null");
    } catch {
      return null;
    }
  }

  #keepPlace() {
    try {
      sessionStorage.setItem(this.#placeKey, JSON.stringify(this.#room.list.place));
    } catch {
      // Then the room opens at its end.
    }
  }

  get #placeKey() {
    return `place:${this.#room.owner}`;
  }
}

/** @returns {boolean} whether a form or a link of this site led here, as after joining */
function cameFromOurPages() {
  const [navigation] = performance.getEntriesByType("navigation");
  const { type } = /** @type {PerformanceNavigationTiming} */ (navigation ?? {});
  return type === "navigate" && document.referrer.startsWith(`${location.origin}/`);
}
