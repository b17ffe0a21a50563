import { InboxList } from "../elements/inbox-list.js";
import { find, on } from "../helpers/dom.js";
import { oncePerFrame } from "../helpers/drawing.js";
import { gettext, ngettext } from "../helpers/i18n.js";
import { throttle } from "../helpers/timing.js";
import { Command, Event as ServerEvent } from "../protocol.js";
import { refusalText } from "./refusals.js";

/** @import { Notices } from "../helpers/notices.js" */
/** @import { Faces } from "../models/faces.js" */
/** @import { Inbox } from "../models/inbox.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { InboxEntry, InboxPage } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Header } from "./header.js" */
/** @import { RoomSessions } from "./room-sessions.js" */
/** @import { SidePanel } from "./side-panel.js" */

/** Of the side panel. */
const VIEW = "inbox";
/** What comes in is loaded so often at most. Milliseconds. */
const LOAD_INTERVAL = 1_000;
/** The server counts no further. */
const MOST_COUNTED = 99;

/** The inbox: its count in the list of rooms, in the title and on the icon; and its view in the panel. */
export class InboxPanel {
  #parts;
  #list = find(document, "inbox-list", InboxList);
  #button = find(document, "#inbox-button", HTMLButtonElement);
  #isOpen = false;
  #count = 0;
  /** Where direct rooms end, as far as the list of rooms knows. */
  #ends = "";
  /** Once a frame: a busy room costs no more than a quiet one. */
  #drawSoon = oncePerFrame(() => this.#draw());

  /**
   * @param {{
   *   inbox: Inbox, directory: RoomDirectory, sessions: RoomSessions, current: CurrentRoom,
   *   connection: Connection, requests: Requests, panel: SidePanel, header: Header, notices: Notices,
   *   faces: Faces,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { inbox, directory, sessions, current, connection, panel } = this.#parts;
    this.#button.addEventListener("click", () => this.#press());
    on(connection, "frame", (frame) => {
      if (frame.type === ServerEvent.INBOX_UPDATED) {
        inbox.update(frame);
        this.#refresh();
      }
    });
    on(connection, "state", () => this.#refresh());
    on(panel, "change", () => this.#look());
    on(inbox, "change", () => this.#drawSoon());
    on(directory, "change", () => this.#followRooms());
    on(this.#parts.faces, "change", () => this.#drawSoon());
    sessions.follow((session) => this.#mind(session));
    current.follow(() => this.#drawSoon());
    on(this.#list, "inbox-opened", (entry) => this.#opened(entry));
    on(this.#list, "inbox-read", (entry) => this.#read(entry));
    on(this.#list, "inbox-all-read", () => this.#readAll());
    on(this.#list, "more-inbox-wanted", () => this.#loadMore());
    // Who leaves the page does not undo.
    addEventListener("pagehide", () => this.#parts.notices.commit());
  }

  #press() {
    const { panel } = this.#parts;
    if (panel.shows(VIEW)) {
      panel.close();
    } else {
      // The drawer that the button is in.
      /** @type {HTMLElement | null} */ (this.#button.closest(":popover-open"))?.hidePopover();
      panel.open(VIEW, this.#button);
    }
  }

  /** @param {RoomSession} session of a conversation: the server tells nothing else of rooms that are entered */
  #mind({ timeline, kind }) {
    on(timeline, "change", () => {
      this.#drawSoon();
      if (kind === "direct") {
        this.#refresh();
      }
    });
  }

  /** What was said last in a direct room may be another message by now. */
  #followRooms() {
    this.#drawSoon();
    const direct = this.#parts.directory.all.filter(({ kind }) => kind === "direct");
    const ends = direct.map(({ key, head }) => `${key} ${head}`).join();
    if (ends !== this.#ends) {
      this.#ends = ends;
      this.#refresh();
    }
  }

  // Loading

  /** What is in sight is read anew when it comes into sight. */
  #look() {
    const isOpen = this.#parts.panel.shows(VIEW);
    this.#button.ariaExpanded = String(isOpen);
    if (isOpen !== this.#isOpen) {
      this.#isOpen = isOpen;
      this.#refresh();
    }
  }

  #refresh() {
    if (this.#isOpen) {
      this.#loadSoon();
    }
  }

  #loadSoon = throttle(() => this.#load(), LOAD_INTERVAL);

  async #load() {
    const { inbox, requests } = this.#parts;
    try {
      inbox.take(this.#heard(await requests.ask({ type: Command.LOAD_INBOX })));
    } catch {
      // It stays as it was; a new connection loads it again.
    }
  }

  async #loadMore() {
    const { inbox, requests, notices } = this.#parts;
    try {
      const before = inbox.oldest;
      inbox.takeOlder(this.#heard(await requests.ask({ type: Command.LOAD_INBOX, before })));
    } catch (error) {
      notices.toast(refusalText(error));
    }
  }

  /** @param {InboxPage} page of which some rooms may not be in the list */
  #heard(page) {
    for (const { room, room_name } of page.items) {
      if (room_name) {
        this.#parts.directory.noteName(room, room_name);
      }
    }
    return page;
  }

  // Reading

  /** @param {InboxEntry} entry whose link was followed */
  #opened(entry) {
    if (entry.kind !== "direct") {
      this.#read(entry);
    }
    // Where the panel covers the talk, it goes.
    this.#parts.panel.uncover();
  }

  /** @param {InboxEntry} entry */
  async #read({ kind, number, room, seq }) {
    const { inbox } = this.#parts;
    if (kind === "direct") {
      this.#readRoom(room, seq);
      return;
    }
    inbox.markOne(number);
    await this.#mark({ number, only: true });
  }

  async #readAll() {
    const { inbox, notices } = this.#parts;
    // What was set aside before is read for good.
    notices.commit();
    const direct = new Map(inbox.unreadDirect.map((key) => [key, this.#endOf(key)]));
    const numbers = inbox.markAll();
    // How far a room is read never goes back: the server is told when it cannot be undone any more.
    inbox.setAside(direct);
    const commit = () => {
      inbox.setAside(new Map());
      for (const [key, seq] of direct) {
        this.#readRoom(key, seq);
      }
    };
    if (await this.#mark({ number: inbox.head })) {
      notices.undoable(gettext("All of your inbox is read."), () => this.#unread(numbers), commit);
    } else {
      inbox.setAside(new Map());
    }
  }

  /** @param {number[]} numbers of items that are unread again; so are the conversations */
  async #unread(numbers) {
    const { inbox, requests, notices } = this.#parts;
    inbox.setAside(new Map());
    if (numbers.length > 0) {
      try {
        await requests.ask({ type: Command.UNMARK_INBOX, numbers });
      } catch (error) {
        notices.toast(refusalText(error));
      }
    }
  }

  /** @param {string} key of a conversation */
  #endOf(key) {
    const { inbox, directory } = this.#parts;
    const shown = inbox.entries.find(({ kind, room }) => kind === "direct" && room === key);
    return Math.max(directory.get(key)?.head ?? 0, shown?.seq ?? 0);
  }

  /**
   * @param {{ number: number, only?: boolean }} what
   * @returns {Promise<boolean>} whether the server knows
   */
  async #mark(what) {
    const { requests, notices } = this.#parts;
    try {
      await requests.ask({ type: Command.MARK_INBOX, ...what });
      return true;
    } catch (error) {
      notices.toast(refusalText(error));
      return false;
    }
  }

  /**
   * @param {string} room
   * @param {number} seq
   */
  #readRoom(room, seq) {
    const { connection, directory, sessions } = this.#parts;
    // With a ref, so that a refusal is not taken for that of a message.
    connection.send({ type: Command.MARK_READ, ref: "read", room, seq });
    sessions.get(room)?.unread.mark(seq);
    directory.read(room, seq);
    this.#drawSoon();
  }

  // Showing

  #draw() {
    const { inbox, header, current } = this.#parts;
    const count = inbox.count();
    this.#announce(count);
    this.#count = count;
    header.showInbox(inbox.count({ except: current.session.key }));
    showCount(find(this.#button, ".unread-dot", HTMLElement), count);
    find(document, ".inbox-dot", HTMLElement).hidden = count === 0;
    find(document, "#sides-inbox", HTMLElement).textContent = count > 0 ? `, ${said(count)}` : "";
    if (this.#isOpen) {
      this.#show();
    }
  }

  /** @param {number} count */
  #announce(count) {
    const { current, inbox, notices } = this.#parts;
    if (count > this.#count && inbox.count({ except: current.session.key }) > 0) {
      notices.announce(`${said(count)}.`);
    }
  }

  #show() {
    const { inbox, directory, faces } = this.#parts;
    const rows = inbox.entries.map((entry) => ({
      entry: { ...entry, author: { ...entry.author, name: faces.nameOf(entry.author) } },
      room: directory.nameOf(entry.room),
      isGroup: (directory.get(entry.room)?.members ?? []).length > 1,
      isUnread: inbox.isUnread(entry),
    }));
    this.#list.show({ rows, more: inbox.more, isLoaded: inbox.isLoaded });
  }
}

/** @param {number} count */
function said(count) {
  return ngettext("{count} unread in your inbox", "{count} unread in your inbox", count);
}

/**
 * @param {HTMLElement} dot
 * @param {number} count
 */
function showCount(dot, count) {
  dot.hidden = count === 0;
  const shown = count > MOST_COUNTED ? `${MOST_COUNTED}+` : String(count);
  find(dot, ".unread-count", HTMLElement).textContent = shown;
  find(dot, ".visually-hidden", HTMLElement).textContent =
    `, ${ngettext("{count} unread", "{count} unread", count)}`;
}
