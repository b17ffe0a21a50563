import { find, on } from "../helpers/dom.js";
import { counted } from "../helpers/text.js";
import { throttle } from "../helpers/timing.js";
import { Command } from "../protocol.js";

/** @import { Message } from "../protocol.js" */
/** @import { OpenRoom } from "./open-room.js" */

/** Fewer messages than this are seen at a glance; more deserve a word. */
const LONG_ABSENCE = 20;
/** milliseconds */
const READ_INTERVAL = 1_000;

/** How far the member has read: told to the server, to other tabs, in the title, and on return. */
export class ReadState {
  #room;
  #tabs;
  #away = find(document, ".away", HTMLElement);
  #jump = find(document, ".jump", HTMLButtonElement);
  #title = document.title;
  #icon = find(document, "link[rel=icon]", HTMLLinkElement);
  #seenIcon = this.#icon.href;
  /** @type {number | null} up to where was read when the page was left, or the connection lost */
  #leftAt;
  /** What the server knows of it. */
  #toldRead;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
    this.#tabs = new BroadcastChannel(`read:${room.owner}`);
    this.#leftAt = room.boot.read || null;
    this.#toldRead = room.boot.read ?? 0;
  }

  connect() {
    const { list, timeline, unread, composer, feed } = this.#room;
    on(timeline, "change", ({ added, beyond, live }) => {
      if (live) {
        const authors = added.map((/** @type {Message} */ { author }) => author.id);
        this.#note([...authors, ...beyond]);
      } else {
        unread.redraw(timeline);
      }
    });
    on(list, "end-changed", (place) => {
      this.#showJump(place);
      this.#attend();
    });
    on(composer, "message-send", () => {
      this.#away.hidden = true;
      unread.erase();
    });
    on(feed, "live", () => {
      this.#welcome();
      this.#attend();
    });
    on(feed, "behind", () => this.#leave());
    on(window, "focus", () => this.#attend());
    on(document, "visibilitychange", () => {
      if (document.visibilityState === "visible") {
        this.#welcome();
        this.#attend();
      } else {
        this.#leave();
      }
    });
    this.#tabs.addEventListener("message", ({ data }) => {
      unread.mark(data.seq);
      this.#showUnread();
    });
    this.#offerWays();
  }

  #offerWays() {
    const { list, composer } = this.#room;
    this.#jump.addEventListener("click", () => {
      list.toEnd();
      composer.focus();
    });
    find(this.#away, ".away-jump", HTMLButtonElement).addEventListener("click", () => {
      this.#away.hidden = true;
      this.#goToUnread(Number(this.#away.dataset.since));
    });
    find(this.#away, ".away-close", HTMLButtonElement).addEventListener("click", () => {
      this.#away.hidden = true;
      composer.focus();
    });
  }

  /** @param {number[]} authors of the messages that came */
  #note(authors) {
    const { unread, timeline, notices, me } = this.#room;
    const others = authors.filter((author) => author !== me.id);
    if (others.length > 0 && !this.#isAttending) {
      unread.draw(timeline);
      notices.announce(`${counted(others.length, "new message")}.`);
    }
    this.#attend();
  }

  #leave() {
    this.#leftAt ??= this.#room.unread.read;
  }

  /** Back after an absence: how much was missed, and the way to where it begins. */
  async #welcome() {
    const { feed, unread, timeline, notices } = this.#room;
    const since = this.#leftAt;
    if (since === null || document.visibilityState !== "visible" || !feed.isLive) {
      return;
    }
    this.#leftAt = null;
    const { count, exact } = unread.count(timeline, since);
    if (count >= LONG_ABSENCE) {
      const missed = exact ? counted(count, "message") : await this.#missed(since, count);
      const said = `You were away; ${missed}.`;
      find(this.#away, "p", HTMLElement).textContent = said;
      this.#away.dataset.since = String(since);
      this.#away.hidden = false;
      notices.announce(said);
    }
  }

  /**
   * Not all of them are held here, and of their numbers some are changes: the server counts.
   *
   * @param {number} since
   * @param {number} about
   */
  async #missed(since, about) {
    try {
      const answer = await fetch(`${this.#room.address}missed/${since}/`);
      const { count, more } = await answer.json();
      return `${more ? "more than " : ""}${counted(count, "message")}`;
    } catch {
      return `about ${counted(about, "message")}`;
    }
  }

  /** @param {number} since */
  async #goToUnread(since) {
    const { timeline, history, unread, list } = this.#room;
    const held = !timeline.more || timeline.oldest <= since + 1;
    if (!held && (await history.after(since)) === null) {
      return;
    }
    const first = unread.first(timeline, since);
    if (first !== null) {
      list.toMessage(first);
    }
  }

  get #isAttending() {
    const { list } = this.#room;
    return document.visibilityState === "visible" && document.hasFocus() && list.atEnd;
  }

  /** At the end and looking: all of it is read. */
  #attend() {
    const { unread, timeline, feed } = this.#room;
    if (this.#isAttending) {
      unread.mark(timeline.position.seq);
      if (unread.read > this.#toldRead && feed.isLive) {
        this.#tellRead();
      }
    }
    this.#showUnread();
  }

  #tellRead = throttle(() => {
    const { unread, connection, key } = this.#room;
    const seq = unread.read;
    this.#toldRead = seq;
    // With a ref, so that a refusal is not taken for that of a message.
    connection.send({ type: Command.MARK_READ, ref: "read", room: key, seq });
    this.#tabs.postMessage({ seq });
  }, READ_INTERVAL);

  #showUnread() {
    const { count } = this.#room.unread.count(this.#room.timeline);
    const title = count > 0 ? `(${count}) ${this.#title}` : this.#title;
    if (document.title !== title) {
      document.title = title;
      this.#icon.href = count > 0 ? (this.#icon.dataset.unread ?? "") : this.#seenIcon;
    }
  }

  /** @param {{ atEnd: boolean, below: number }} place */
  #showJump({ atEnd, below }) {
    this.#jump.hidden = atEnd;
    find(this.#jump, "span", HTMLElement).textContent =
      below > 0 ? `Jump to newest (${below.toLocaleString()})` : "Jump to newest";
  }
}
