import { gettext, interpolate } from "../helpers/i18n.js";
import { Reply, Event as ServerEvent } from "../protocol.js";

/** @import { Frame } from "../protocol.js" */

/**
 * @typedef {{ role?: string | null, muted_until?: string | null, locked?: boolean, slow_s?: number,
 *   reports?: number, newcomers?: number, guest?: boolean, guests_read?: boolean,
 * }} PermissionState Told as the page and the server say it; what is absent does not hold. `guest`: I have no
 *   account; `guests_read`: guests write nothing on this site.
 */

/**
 * What was told of me so far, with this frame: rooms that are opened later begin with it.
 *
 * @param {PermissionState} told
 * @param {Frame} frame
 * @returns {PermissionState}
 */
export function toldOf(told, frame) {
  const { guest, guests_read } = told;
  switch (frame.type) {
    case ServerEvent.HELLO:
      return { ...frame, guest, guests_read: frame.site?.guests_read ?? false };
    case ServerEvent.STANDING:
      return { ...frame, guest, guests_read };
    case ServerEvent.SITE_CHANGED:
      return { ...told, guests_read: frame.site.guests_read ?? false };
    default:
      return told;
  }
}

/** What holds for me and in this room: my role, my mute, the room's rules. Dispatches `change`. */
export class Permissions extends EventTarget {
  #room;
  /** @type {string | null} on the site: moderator, owner, or nothing of the kind */
  role = null;
  /** In this room: owner, moderator or member; empty for who has not joined it. */
  roleHere = "";
  /** Milliseconds of the clock; 0: not muted. */
  mutedUntil = 0;
  /** How many reports wait for me to look at them; null: that is not mine to do. */
  reports = /** @type {number | null} */ (null);
  /** How many wait for me to let them in; null: that is not mine to do, or nobody has to wait. */
  newcomers = /** @type {number | null} */ (null);
  /** @type {PermissionState} what was told of me last */
  #told = {};
  locked = false;
  /** The room is not there for me any more. */
  removed = false;
  /** Nobody writes in the room for good, or until it is restored. */
  archived = false;
  /** Whether everyone who joined brings others in, or its owners and moderators alone. */
  #membersInvite = true;
  slowSeconds = 0;
  /** When my last message was accepted. Milliseconds of the clock. */
  #posted = Number.NEGATIVE_INFINITY;

  /**
   * @param {string} room its key
   * @param {PermissionState} told by the page
   */
  constructor(room, told = {}) {
    super();
    this.#room = room;
    this.#takeMine(told);
    this.#takeRules(told);
  }

  /** Whether I am a guest where guests only read. */
  get onlyReads() {
    const { guest = false, guests_read = false } = this.#told;
    return guest && guests_read && this.role === null;
  }

  /** Whether I moderate this room: the higher of my roles on the site and here counts. */
  get isModerator() {
    return this.role !== null || this.roleHere === "moderator" || this.roleHere === "owner";
  }

  /** Whether I own this room, as one of its owners or of the site's. */
  get isOwner() {
    return this.role === "owner" || this.roleHere === "owner";
  }

  /** Whether I may add people and make invitations. */
  get mayInvite() {
    return !this.archived && (this.isModerator || (this.#membersInvite && this.roleHere !== ""));
  }

  /** @param {Frame} frame */
  on(frame) {
    const told = toldOf(this.#told, frame);
    if (told !== this.#told) {
      this.#takeMine(told);
    } else if (frame.room === this.#room && frame.type === ServerEvent.ROOM_RULES) {
      this.#takeRules(/** @type {PermissionState} */ (frame));
    } else if (frame.room === this.#room && frame.type === ServerEvent.ROOM_REMOVED) {
      this.removed = true;
    } else if (frame.room === this.#room && frame.type === Reply.ROOM_ENTERED) {
      // Nothing holds until the rules say so, which follow at once.
      this.#takeRules({});
      this.removed = false;
    } else {
      return;
    }
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** @param {{ archived?: boolean, role?: string, inviters?: string }} listed as the list of rooms says it */
  setListed({ archived = false, role = "", inviters = "members" } = {}) {
    this.#membersInvite = inviters === "members";
    if (archived !== this.archived || role !== this.roleHere) {
      this.archived = archived;
      this.roleHere = role;
      this.dispatchEvent(new CustomEvent("change"));
    }
  }

  /** @param {number} now a message of mine was accepted */
  posted(now) {
    this.#posted = now;
    this.dispatchEvent(new CustomEvent("change"));
  }

  /**
   * @param {number} now
   * @returns {number} the seconds until a slow room takes my next message
   */
  wait(now) {
    if (this.isModerator) {
      return 0;
    }
    return Math.max(0, Math.ceil(this.slowSeconds - (now - this.#posted) / 1_000));
  }

  /**
   * @param {number} now
   * @param {(moment: number) => string} clock
   * @returns {string} why nothing can be written here, and until when; empty if it can
   */
  refusal(now, clock) {
    if (this.removed) {
      return gettext(
        "This room is not open to you any more. What you have not sent is kept in this browser.",
      );
    }
    if (this.archived) {
      return gettext("This room is archived: it can be read, but nobody writes here.");
    }
    if (this.mutedUntil > now) {
      return interpolate(gettext("You are muted until {time}. You can read along."), {
        time: clock(this.mutedUntil),
      });
    }
    if (this.onlyReads) {
      return gettext("Guests only read here. Keep this name to write.");
    }
    if (this.locked && !this.isModerator) {
      return gettext("This room is locked: only moderators write here for now.");
    }
    return "";
  }

  /**
   * @param {number} now
   * @param {(moment: number) => string} clock
   * @returns {string} what there is to know before writing; empty if there is nothing
   */
  notice(now, clock) {
    const refusal = this.refusal(now, clock);
    if (refusal) {
      return refusal;
    }
    if (this.locked) {
      return gettext("This room is locked: only moderators write here for now.");
    }
    if (this.slowSeconds > 0) {
      const slow = interpolate(gettext("Slow mode: one message every {time}."), {
        time: spoken(this.slowSeconds),
      });
      const wait = this.wait(now);
      const next = interpolate(gettext("Your next one in {time}."), { time: spoken(wait) });
      return wait > 0 ? `${slow} ${next}` : slow;
    }
    return "";
  }

  /** @param {PermissionState} told */
  #takeMine(told) {
    const { role, muted_until, reports, newcomers } = told;
    this.#told = told;
    this.newcomers = newcomers ?? null;
    this.role = role ?? null;
    this.reports = reports ?? null;
    this.mutedUntil = muted_until ? Date.parse(muted_until) : 0;
  }

  /** @param {PermissionState} told */
  #takeRules({ locked = false, slow_s = 0 }) {
    this.locked = locked;
    this.slowSeconds = slow_s;
  }
}

/** @param {number} seconds */
function spoken(seconds) {
  return seconds < 120
    ? interpolate(gettext("{count} s"), { count: seconds })
    : interpolate(gettext("{count} min"), { count: Math.ceil(seconds / 60) });
}
