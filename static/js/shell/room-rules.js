import { RoomNotice } from "../elements/room-notice.js";
import { find, on } from "../helpers/dom.js";
import { oncePerFrame } from "../helpers/drawing.js";
import { gettext } from "../helpers/i18n.js";
import { preciseNow } from "../helpers/time.js";
import { CloseCode } from "../protocol.js";

/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { Clock } from "../models/clock.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** A countdown is drawn this often. Milliseconds. */
const TICK = 1_000;
/** Beyond it the server counts no further. */
const REPORTS_SHOWN = 100;

const BANNED = gettext("You are banned. You can read along.");

/** What holds for me and in the room on the screen is shown above the composer, or in place of it. */
export class RoomRules {
  #parts;
  #notice = find(document, "room-notice", RoomNotice);
  #said = "";
  /** Once a frame: entering says that nothing holds, and at once what does. */
  #drawSoon = oncePerFrame(() => this.#draw());
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  /**
   * @param {{
   *   current: CurrentRoom, connection: Connection, composer: MessageComposer, list: MessageList,
   *   clock: Clock, notices: Notices,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current, connection } = this.#parts;
    on(connection, "state", () => this.#drawSoon());
    current.follow(({ permissions, delivery }, signal) => {
      on(delivery, "accepted", () => permissions.posted(this.#now), signal);
      on(permissions, "change", () => this.#drawSoon(), signal);
      this.#draw();
    });
    on(current, "change", () => {
      this.#said = "";
    });
  }

  /** Times of mutes are the server's, so they are compared with its clock. Milliseconds. */
  get #now() {
    return this.#parts.clock.server(preciseNow());
  }

  get #isBanned() {
    const { phase, code } = this.#parts.connection.state;
    return phase === "ended" && code === CloseCode.BANNED;
  }

  #draw() {
    const { current, composer, notices, list } = this.#parts;
    const { permissions } = current.session;
    const now = this.#now;
    // Shown as the reader's own clock will show it, though it may be wrong.
    const local = (/** @type {number} */ moment) => clock(Date.now() + moment - now);
    const text = permissions.notice(now, local);
    const refusal = this.#isBanned ? BANNED : permissions.refusal(now, local);
    this.#notice.show(refusal ? "" : text);
    if (refusal) {
      composer.disable(refusal);
    } else {
      composer.enable();
    }
    // Each second counts down for the eyes; ears hear what holds, once.
    const [what = ""] = text.split(" Your next");
    if (what !== this.#said) {
      if (what || this.#said) {
        notices.announce(what || gettext("You can write here as ever."));
      }
      this.#said = what;
    }
    document.documentElement.classList.toggle("is-moderator", permissions.isModerator);
    this.#showReports(permissions.reports);
    list.refresh();
    this.#keepTime(permissions.mutedUntil > now || permissions.wait(now) > 0);
  }

  /** @param {number | null} waiting */
  #showReports(waiting) {
    const { newcomers } = this.#parts.current.session.permissions;
    find(document, ".reports-desk", HTMLElement).hidden = waiting === null && newcomers === null;
    find(document, ".reports-entry", HTMLElement).hidden = waiting === null;
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
