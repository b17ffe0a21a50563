import { RoomNotice } from "../elements/room-notice.js";
import { find, on } from "../helpers/dom.js";
import { preciseNow } from "../helpers/time.js";

/** @import { OpenRoom } from "./open-room.js" */

/** A countdown is drawn this often. Milliseconds. */
const TICK = 1_000;
/** Beyond it the server counts no further. */
const REPORTS_SHOWN = 100;

/** What holds for me and in this room is shown above the composer, or in place of it. */
export class RoomRules {
  #room;
  #notice = find(document, "room-notice", RoomNotice);
  #said = "";
  #drawing = false;
  /** Whether it is by these rules that the composer takes nothing. */
  #isRefused = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  connect() {
    const { connection, permissions, delivery } = this.#room;
    on(connection, "frame", (frame) => permissions.on(frame));
    on(delivery, "accepted", () => permissions.posted(this.#now));
    on(permissions, "change", () => this.#drawSoon());
    this.#draw();
  }

  /** Times of mutes are the server's, so they are compared with its clock. Milliseconds. */
  get #now() {
    return this.#room.clock.server(preciseNow());
  }

  /** Once a frame: entering says that nothing holds, and at once what does. */
  #drawSoon() {
    if (!this.#drawing) {
      this.#drawing = true;
      requestAnimationFrame(() => {
        this.#drawing = false;
        this.#draw();
      });
    }
  }

  #draw() {
    const { permissions, notices, list } = this.#room;
    const now = this.#now;
    // Shown as the reader's own clock will show it, though it may be wrong.
    const local = (/** @type {number} */ moment) => clock(Date.now() + moment - now);
    const text = permissions.notice(now, local);
    this.#refuse(permissions.refusal(now, local));
    this.#notice.show(this.#isRefused ? "" : text);
    // Each second counts down for the eyes; ears hear what holds, once.
    const [what = ""] = text.split(" Your next");
    if (what !== this.#said) {
      if (what || this.#said) {
        notices.announce(what || "You can write here as ever.");
      }
      this.#said = what;
    }
    document.documentElement.classList.toggle("is-moderator", permissions.isModerator);
    this.#showReports(permissions.reports);
    list.refresh();
    this.#keepTime(permissions.mutedUntil > now || permissions.wait(now) > 0);
  }

  /** @param {string} why nothing can be written here; empty: it can */
  #refuse(why) {
    const { composer } = this.#room;
    if (why) {
      composer.disable(why);
    } else if (this.#isRefused) {
      composer.enable();
    }
    this.#isRefused = why !== "";
  }

  /** @param {number | null} waiting */
  #showReports(waiting) {
    find(document, ".reports-desk", HTMLElement).hidden = waiting === null;
    const many = waiting !== null && waiting > REPORTS_SHOWN ? `${REPORTS_SHOWN}+` : waiting;
    find(document, ".reports-waiting", HTMLElement).textContent = many ? ` (${many})` : "";
  }

  /** @param {boolean} needed */
  #keepTime(needed) {
    if (!needed) {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    } else if (this.#ticking === undefined) {
      this.#ticking = setInterval(() => this.#draw(), TICK);
    }
  }
}

/** @param {number} moment */
function clock(moment) {
  const isToday = new Date(moment).toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(undefined, {
    timeStyle: "short",
    ...(!isToday && { dateStyle: "medium" }),
  }).format(moment);
}
