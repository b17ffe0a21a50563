import { RoomNotice } from "../elements/room-notice.js";
import { find, hear } from "../helpers/dom.js";
import { preciseNow } from "../helpers/time.js";

/** @import { OpenRoom } from "./open-room.js" */

/** A countdown is drawn this often. Milliseconds. */
const TICK = 1_000;
/** Beyond it the server counts no further. */
const REPORTS_SHOWN = 100;

/** What holds for me and in this room is shown above the composer. */
export class Obeying {
  #room;
  #notice = find(document, "room-notice", RoomNotice);
  #said = "";
  #drawing = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  follow() {
    const { connection, standing, delivery } = this.#room;
    hear(connection, "frame", (frame) => standing.hear(frame));
    hear(delivery, "accepted", () => standing.posted(this.#now));
    hear(standing, "change", () => this.#drawSoon());
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
    const { standing, notices, list } = this.#room;
    const now = this.#now;
    // Told as the reader's own clock will show it, though it may be wrong.
    const text = standing.notice(now, (moment) => clock(Date.now() + moment - now));
    this.#notice.show(text);
    // Each second counts down for the eyes; ears hear what holds, once.
    const [what = ""] = text.split(" Your next");
    if (what !== this.#said) {
      if (what || this.#said) {
        notices.say(what || "You can write here as ever.");
      }
      this.#said = what;
    }
    document.documentElement.classList.toggle("is-moderator", standing.isModerator);
    this.#showReports(standing.reports);
    list.refresh();
    this.#keepTime(standing.mutedUntil > now || standing.wait(now) > 0);
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
