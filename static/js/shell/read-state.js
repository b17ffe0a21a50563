import { find, on } from "../helpers/dom.js";
import { ngettext } from "../helpers/i18n.js";
import { throttle } from "../helpers/timing.js";
import { Command } from "../protocol.js";

/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { UnreadRooms } from "../models/unread-rooms.js" */
/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Header } from "./header.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** Fewer messages than this are seen at a glance; more deserve a word. */
const LONG_ABSENCE = 20;
/** milliseconds */
const READ_INTERVAL = 1_000;

/** How far the member has read: told to the server, to other tabs, in the title, and on return. */
export class ReadState {
  #parts;
  #tabs;
  #away = find(document, ".away", HTMLElement);

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, sessions: RoomSessions, directory: RoomDirectory,
   *   connection: Connection, list: MessageList, composer: MessageComposer, header: Header,
   *   notices: Notices, unreadRooms: UnreadRooms,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#tabs = new BroadcastChannel(`read:${parts.me.id}`);
  }

  connect() {
    const { current, sessions, directory, list, composer } = this.#parts;
    sessions.follow((session) => this.#mind(session));
    on(current, "leave", (session) => this.#leaveRoom(session));
    on(current, "change", () => {
      this.#away.hidden = true;
      this.#attend();
    });
    on(list, "end-changed", () => this.#attend());
    on(composer, "message-send", () => {
      this.#away.hidden = true;
      current.session.unread.erase();
    });
    on(window, "focus", () => this.#attend());
    on(window, "pagehide", () => this.#tellNow());
    on(document, "visibilitychange", () => {
      if (document.visibilityState === "visible") {
        this.#welcome();
        this.#attend();
      } else {
        leave(current.session);
      }
    });
    this.#tabs.addEventListener("message", ({ data }) => this.#noteElsewhere(data));
    on(directory, "change", () => this.#noteRead());
    this.#offerWays();
  }

  /** What was read on other devices. */
  #noteRead() {
    const { sessions, directory } = this.#parts;
    for (const { key, unread } of sessions.all) {
      unread.mark(directory.get(key)?.read ?? 0);
    }
    this.#showUnread();
  }

  /** @param {RoomSession} session */
  #mind(session) {
    const { timeline, unread, feed } = session;
    on(timeline, "change", ({ added, beyond, live }) => {
      if (live) {
        const authors = added.map((/** @type {Message} */ { author }) => author.id);
        this.#note(session, [...authors, ...beyond]);
      } else {
        unread.redraw(timeline);
      }
    });
    // My own words are read, also if I am in another room before they are drawn.
    on(session.delivery, "accepted", ({ seq }) => unread.mark(seq));
    on(feed, "live", () => {
      if (this.#isShown(session)) {
        this.#welcome();
        this.#attend();
      }
    });
    on(feed, "behind", () => leave(session));
  }

  #offerWays() {
    const { composer } = this.#parts;
    find(this.#away, ".away-jump", HTMLButtonElement).addEventListener("click", () => {
      this.#away.hidden = true;
      this.#goToUnread(Number(this.#away.dataset.since));
    });
    find(this.#away, ".away-close", HTMLButtonElement).addEventListener("click", () => {
      this.#away.hidden = true;
      composer.focus();
    });
  }

  /**
   * @param {RoomSession} session
   * @param {number[]} authors of the messages that came
   */
  #note(session, authors) {
    const { notices, me } = this.#parts;
    const others = authors.filter((author) => author !== me.id);
    const isShown = this.#isShown(session);
    if (others.length > 0 && !(isShown && this.#isAttending)) {
      session.unread.draw(session.timeline);
      if (isShown) {
        notices.announce(newMessages(others.length));
      }
    }
    if (isShown) {
      this.#attend();
    }
  }

  /** @param {RoomSession} session */
  #isShown(session) {
    return session === this.#parts.current.session;
  }

  /**
   * The line stays until the room is left; what was all read needs none when it is opened again.
   *
   * @param {RoomSession} session
   */
  #leaveRoom(session) {
    const { unread, timeline } = session;
    this.#tellNow();
    if (timeline.isLoaded && unread.count(timeline).count === 0) {
      unread.erase();
    }
  }

  /** Back after an absence: how much was missed, and the way to where it begins. */
  async #welcome() {
    const { current, notices } = this.#parts;
    const { session } = current;
    const { leftAt: since, feed, unread, timeline } = session;
    if (since === null || document.visibilityState !== "visible" || !feed.isLive) {
      return;
    }
    session.leftAt = null;
    const { count, exact } = unread.count(timeline, since);
    if (count >= LONG_ABSENCE) {
      const said = exact ? wasAway(count) : await missedSince(session, since, count);
      if (this.#isShown(session)) {
        find(this.#away, "p", HTMLElement).textContent = said;
        this.#away.dataset.since = String(since);
        this.#away.hidden = false;
        notices.announce(said);
      }
    }
  }

  /** @param {number} since */
  async #goToUnread(since) {
    const { current, list } = this.#parts;
    const { session } = current;
    const { timeline, history, unread } = session;
    const held = !timeline.more || timeline.oldest <= since + 1;
    if (!held && (await history.after(since)) === null) {
      return;
    }
    const first = unread.first(timeline, since);
    if (first !== null && this.#isShown(session)) {
      list.toMessage(first);
    }
  }

  get #isAttending() {
    const { list } = this.#parts;
    return document.visibilityState === "visible" && document.hasFocus() && list.atEnd;
  }

  /** At the end and looking: all of it is read. */
  #attend() {
    const { session } = this.#parts.current;
    const { unread, timeline, feed } = session;
    if (this.#isAttending && timeline.isLoaded) {
      unread.mark(timeline.position.seq);
      if (unread.read > session.toldRead && feed.isLive) {
        this.#tellRead();
      }
    }
    this.#showUnread();
  }

  #tellRead = throttle(() => this.#tellNow(), READ_INTERVAL);

  /** Another room may be on the screen by now: what was read in the one before is told too. */
  #tellNow() {
    const { connection, sessions, directory } = this.#parts;
    for (const session of sessions.all) {
      const { key, unread, feed, toldRead } = session;
      const seq = unread.read;
      if (feed.isLive && seq > toldRead) {
        session.toldRead = seq;
        // With a ref, so that a refusal is not taken for that of a message.
        connection.send({ type: Command.MARK_READ, ref: "read", room: key, seq });
        this.#tabs.postMessage({ room: key, seq });
        directory.read(key, seq);
      }
    }
  }

  /** @param {{ room: string, seq: number }} mark that another tab told */
  #noteElsewhere({ room, seq }) {
    const { sessions, directory } = this.#parts;
    sessions.get(room)?.unread.mark(seq);
    directory.read(room, seq);
    this.#showUnread();
  }

  #showUnread() {
    const { current, header, unreadRooms } = this.#parts;
    header.showUnread(unreadRooms.in(current.session.key).count);
  }
}

/** @param {RoomSession} session */
function leave(session) {
  session.leftAt ??= session.unread.read;
}

/**
 * Not all of them are held here, and of their numbers some are changes: the server counts.
 *
 * @param {RoomSession} session
 * @param {number} since
 * @param {number} about
 */
async function missedSince({ address }, since, about) {
  try {
    const answer = await fetch(`${address}missed/${since}/`);
    const { count, more } = await answer.json();
    return more
      ? ngettext(
          "You were away; more than {count} message.",
          "You were away; more than {count} messages.",
          count,
        )
      : wasAway(count);
  } catch {
    return ngettext(
      "You were away; about {count} message.",
      "You were away; about {count} messages.",
      about,
    );
  }
}

/** @param {number} count */
function newMessages(count) {
  return ngettext("{count} new message.", "{count} new messages.", count);
}

/** @param {number} count */
function wasAway(count) {
  return ngettext("You were away; {count} message.", "You were away; {count} messages.", count);
}
