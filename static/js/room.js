import { ConnectionBanner } from "./elements/connection-banner.js";
import { ConnectionInspector } from "./elements/connection-inspector.js";
import { MessageComposer } from "./elements/message-composer.js";
import { MessageList } from "./elements/message-list.js";
import { MessageMenu } from "./elements/message-menu.js";
import { RoomRoster } from "./elements/room-roster.js";
import { find } from "./helpers/dom.js";
import { newClientId } from "./helpers/ids.js";
import { quoted } from "./helpers/message-dom.js";
import { openShelf } from "./helpers/shelf.js";
import { Status } from "./helpers/status.js";
import { counted, listed } from "./helpers/text.js";
import { throttle } from "./helpers/timing.js";
import { Outbox } from "./models/outbox.js";
import { Roster } from "./models/roster.js";
import { Timeline } from "./models/timeline.js";
import { Unread } from "./models/unread.js";
import { CloseCode, Command, Event as ServerEvent } from "./protocol.js";
import { Connection } from "./realtime/connection.js";
import { Delivery } from "./realtime/delivery.js";
import { Feed } from "./realtime/feed.js";
import { Rejected, Requests } from "./realtime/requests.js";

/** @import { Frame, HistoryPage, MemberRef, Message } from "./protocol.js" */
/** @import { ConnectionState } from "./realtime/connection.js" */

/**
 * @typedef {{
 *   room: string, me: MemberRef | null, epoch: string, to: number, to_id: string | null,
 *   more: boolean, read: number | null, limits: { body: number },
 * }} Boot What the page says about itself.
 */

const HISTORY_PAGE = 50;
/** A link into the past is followed back this far. Pages. */
const LONGEST_SEARCH = 20;
/** milliseconds */
const READ_INTERVAL = 1_000;
/** The server forgets who types after 5 s; if it cannot say so, we do. Milliseconds. */
const TYPING_TIME = 6_000;
/** A page that was reloaded because its session ended is not reloaded again for this long. ms */
const RELOAD_PAUSE = 60_000;

customElements.define("connection-banner", ConnectionBanner);
customElements.define("connection-inspector", ConnectionInspector);
customElements.define("message-composer", MessageComposer);
customElements.define("message-list", MessageList);
customElements.define("message-menu", MessageMenu);
customElements.define("room-roster", RoomRoster);

/** The room page for a member: wires what talks, what thinks and what shows. */
class Room {
  /** @type {Boot} */ #boot;
  /** @type {MemberRef} */ #me;
  #shelf = openShelf();

  // Thinks
  #timeline;
  #outbox;
  #unread;
  #roster = new Roster();

  // Talks
  #connection;
  #requests;
  #feed;
  #delivery;
  #tabs;

  // Shows
  #list = find(document, "message-list", MessageList);
  #composer = find(document, "message-composer", MessageComposer);
  #banner = find(document, "connection-banner", ConnectionBanner);
  #inspector = find(document, "connection-inspector", ConnectionInspector);
  #menu = find(document, "message-menu", MessageMenu);
  #jump = find(document, ".jump", HTMLButtonElement);
  #status = new Status(find(document, "#status", HTMLElement));
  #title = document.title;
  #icon = find(document, "link[rel=icon]", HTMLLinkElement);
  #seenIcon = this.#icon.href;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #typingTimer;
  #roundTrip = "–";

  /**
   * @param {Boot} boot
   * @param {MemberRef} me
   */
  constructor(boot, me) {
    this.#boot = boot;
    this.#me = me;
    const { room } = boot;
    const owner = `${me.id}:${room}`;

    this.#timeline = timelineOf(boot, this.#list.readMessages());
    this.#outbox = new Outbox(this.#shelf, owner);
    this.#unread = new Unread(me.id, boot.read || boot.to);
    this.#unread.draw(this.#timeline.messages);

    this.#connection = new Connection(socketAddress());
    this.#requests = new Requests(this.#connection);
    const parts = { requests: this.#requests, room };
    this.#feed = new Feed({ ...parts, line: this.#connection, timeline: this.#timeline });
    this.#delivery = new Delivery({
      ...parts,
      outbox: this.#outbox,
      mayRun: () => this.#feed.isLive,
      lock: `outbox:${owner}`,
    });
    this.#tabs = new BroadcastChannel(`read:${owner}`);
  }

  enter() {
    this.#composer.open({
      limit: this.#boot.limits.body,
      shelf: this.#shelf,
      draftKey: `draft:${this.#me.id}:${this.#boot.room}`,
    });
    this.#settle();
    this.#list.show({
      timeline: this.#timeline,
      outbox: this.#outbox,
      unread: this.#unread,
      me: this.#me,
    });
    this.#followPage();
    this.#followTimeline();
    this.#followConnection();
    this.#followMember();
    this.#connection.open();
    this.#goToLink();
  }

  // What the page tells

  #followPage() {
    addEventListener("online", () => this.#connection.check());
    addEventListener("offline", () => this.#connection.check());
    addEventListener("hashchange", () => this.#goToLink());
    addEventListener("focus", () => this.#attend());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") {
        this.#connection.check();
        this.#attend();
      }
    });
    addEventListener("storage", ({ key }) => {
      if (key?.startsWith("outbox:")) {
        this.#outbox.refresh();
      }
    });
    this.#tabs.addEventListener("message", ({ data }) => {
      this.#unread.mark(data.seq);
      this.#showUnread();
    });
    document.addEventListener("keydown", (event) => this.#typeAnywhere(event));
  }

  // What the timeline tells

  #followTimeline() {
    this.#timeline.addEventListener("change", (event) => {
      const { added, live } = /** @type {CustomEvent} */ (event).detail;
      this.#settle();
      if (live) {
        this.#note(added);
      }
    });
    this.#outbox.addEventListener("change", () => this.#showConnection());
    this.#list.addEventListener("history-wanted", () => this.#loadHistory());
    this.#list.addEventListener("end-changed", (event) => {
      this.#showJump(/** @type {CustomEvent} */ (event).detail);
      this.#attend();
    });
    this.#list.addEventListener("message-wanted", (event) => {
      this.#goTo(/** @type {CustomEvent} */ (event).detail.seq);
    });
    this.#jump.addEventListener("click", () => this.#list.toEnd());
  }

  /** What the timeline shows need not wait in the outbox. */
  #settle() {
    const mine = this.#timeline.messages.filter(({ author }) => author.id === this.#me.id);
    this.#outbox.settle(
      mine.map(({ client_id }) => client_id),
      this.#timeline.position.seq,
    );
  }

  /** @param {Message[]} added */
  #note(added) {
    const others = added.filter(({ author }) => author.id !== this.#me.id);
    if (others.length > 0 && !this.#isAttending) {
      this.#unread.draw(this.#timeline.messages);
      this.#status.say(`${counted(others.length, "new message")}.`);
    }
    this.#showUnread();
    this.#attend();
  }

  // What the connection tells

  #followConnection() {
    this.#connection.addEventListener("state", () => this.#showConnection());
    this.#connection.addEventListener("state", () => this.#mindTheEnd());
    this.#connection.addEventListener("frame", (event) => {
      this.#read(/** @type {CustomEvent} */ (event).detail);
    });
    this.#feed.addEventListener("live", () => {
      this.#delivery.run();
      this.#attend();
      this.#measure();
      this.#showConnection();
    });
    this.#feed.addEventListener("behind", () => this.#showConnection());
    this.#feed.addEventListener("refused", (event) => {
      this.#status.say(/** @type {CustomEvent} */ (event).detail.message);
    });
    this.#banner.addEventListener("retry-wanted", () => this.#connection.hurry());
    this.#inspector.addEventListener("beforetoggle", () => this.#measure());
  }

  /** @param {Frame} frame */
  #read(frame) {
    if (frame.room === this.#boot.room) {
      if (frame.type === ServerEvent.PRESENCE_STATE) {
        this.#roster.replace(/** @type {any} */ (frame));
        this.#showRoster();
      } else if (frame.type === ServerEvent.PRESENCE_DIFF) {
        this.#roster.update(/** @type {any} */ (frame));
        this.#showRoster();
      } else if (frame.type === ServerEvent.TYPING) {
        this.#showTyping(frame.names);
      }
    }
  }

  /** Signed out: the page of the server asks for a name. Out of date: it brings the new page. */
  #mindTheEnd() {
    const { phase, code } = this.#connection.state;
    if (phase === "ended" && (code === CloseCode.SIGN_IN || code === CloseCode.TOO_OLD)) {
      const last = Number(sessionStorage.getItem("reloaded") ?? 0);
      if (Date.now() - last > RELOAD_PAUSE) {
        sessionStorage.setItem("reloaded", String(Date.now()));
        location.reload();
      }
    }
  }

  // What the member does

  #followMember() {
    this.#composer.addEventListener("message-send", (event) => {
      this.#say(/** @type {CustomEvent} */ (event).detail);
    });
    this.#composer.addEventListener("message-edit", (event) => {
      this.#edit(/** @type {CustomEvent} */ (event).detail);
    });
    this.#composer.addEventListener("edit-last-wanted", () => this.#editLast());
    this.#composer.addEventListener("typing", () => {
      this.#connection.send({ type: Command.START_TYPING, room: this.#boot.room });
    });
    this.#list.addEventListener("outbox-choice", (event) => {
      this.#decide(/** @type {CustomEvent} */ (event).detail);
    });
    this.#list.addEventListener("actions-wanted", (event) => {
      const { message, button } = /** @type {CustomEvent} */ (event).detail;
      const mine = message.author.id === this.#me.id;
      this.#menu.offer(message, { mine, me: this.#me.id, origin: button });
    });
    for (const source of [this.#list, this.#menu]) {
      source.addEventListener("reaction-set", (event) => {
        this.#react(/** @type {CustomEvent} */ (event).detail);
      });
    }
    this.#menu.addEventListener("message-action", (event) => {
      this.#act(/** @type {CustomEvent} */ (event).detail);
    });
  }

  /** @param {{ body: string, replyTo?: number }} message */
  #say({ body, replyTo }) {
    this.#unread.erase();
    this.#outbox.add({
      client_id: newClientId(),
      body,
      ...(replyTo !== undefined && { reply_to: replyTo }),
    });
    this.#list.toEnd();
    this.#delivery.run();
  }

  /** @param {{ message: Message, body: string }} edit */
  async #edit({ message, body }) {
    if (body !== message.body) {
      const done = await this.#change({ type: Command.EDIT_MESSAGE, seq: message.seq, body });
      if (!done) {
        this.#composer.edit({ ...message, body });
      }
    }
  }

  #editLast() {
    const { messages } = this.#timeline;
    const last = messages.findLast(({ author, deleted }) => author.id === this.#me.id && !deleted);
    if (last) {
      this.#composer.edit(last);
    }
  }

  /** @param {{ message: Message, emoji: string, on: boolean }} reaction */
  #react({ message, emoji, on }) {
    this.#change({ type: Command.SET_REACTION, seq: message.seq, emoji, on });
  }

  /** @param {{ action: string, message: Message }} wish */
  #act({ action, message }) {
    switch (action) {
      case "reply":
        this.#composer.reply(message, quoted(message));
        break;
      case "edit":
        this.#composer.edit(message);
        break;
      case "delete":
        this.#delete(message);
        break;
      case "copy":
        this.#copyLink(message);
        break;
    }
  }

  /** @param {Message} message */
  #delete(message) {
    const dialog = find(document, "#confirm-delete", HTMLDialogElement);
    find(dialog, ".dialog-subject", HTMLElement).textContent = quoted(message);
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener(
      "close",
      () => {
        this.#composer.focus();
        if (dialog.returnValue === "delete") {
          this.#change({ type: Command.DELETE_MESSAGE, seq: message.seq });
        }
      },
      { once: true },
    );
  }

  /** @param {Message} message */
  async #copyLink(message) {
    const link = `${location.origin}${location.pathname}#m${message.seq}`;
    try {
      await navigator.clipboard.writeText(link);
      this.#remark("Link copied.");
    } catch {
      // Pages over plain HTTP have no clipboard: put it where it can be copied from.
      location.hash = `#m${message.seq}`;
      this.#remark("The link is in the address bar.");
    }
  }

  /**
   * @param {{ type: string, [field: string]: any }} command
   * @returns {Promise<boolean>} whether it was carried out
   */
  async #change(command) {
    try {
      await this.#requests.ask({ ...command, room: this.#boot.room });
      return true;
    } catch (error) {
      const why = error instanceof Rejected ? error.message : "You are not connected right now.";
      this.#remark(`That did not work. ${why}`);
      return false;
    }
  }

  /** @param {{ choice: string, clientId: string }} decision about a message that failed */
  #decide({ choice, clientId }) {
    if (choice === "retry") {
      this.#outbox.waiting(clientId);
      this.#delivery.run();
    } else {
      const entry = this.#outbox.take(clientId);
      if (choice === "edit" && entry) {
        this.#composer.revise(entry.body);
      }
    }
    this.#composer.focus();
  }

  /** @param {KeyboardEvent} event */
  #typeAnywhere(event) {
    const { key, altKey, ctrlKey, metaKey, isComposing } = event;
    const idle =
      document.activeElement === document.body || this.#list.contains(document.activeElement);
    if (
      idle &&
      key.length === 1 &&
      key !== " " &&
      !altKey &&
      !ctrlKey &&
      !metaKey &&
      !isComposing
    ) {
      this.#composer.focus();
    }
  }

  // Going to a message

  #goToLink() {
    const seq = /^#m(\d+)$/.exec(location.hash)?.[1];
    if (seq) {
      this.#goTo(Number(seq));
    }
  }

  /** @param {number} seq */
  async #goTo(seq) {
    for (let page = 0; page < LONGEST_SEARCH; page += 1) {
      if (seq >= this.#timeline.oldest || !this.#timeline.more || !(await this.#loadHistory(100))) {
        break;
      }
    }
    if (this.#timeline.at(seq)) {
      this.#list.toMessage(seq);
    } else {
      this.#remark("That message is not at hand.");
    }
  }

  /**
   * @param {number} limit
   * @returns {Promise<boolean>} whether it came
   */
  async #loadHistory(limit = HISTORY_PAGE) {
    try {
      /** @type {HistoryPage} */
      const page = await this.#requests.ask({
        type: Command.LOAD_HISTORY,
        room: this.#boot.room,
        before: this.#timeline.oldest,
        limit,
      });
      this.#timeline.prepend(page);
      return true;
    } catch {
      return false;
    } finally {
      this.#list.historyLoaded();
    }
  }

  // Reading

  get #isAttending() {
    return document.visibilityState === "visible" && document.hasFocus() && this.#list.atEnd;
  }

  /** At the end and looking: all of it is read. */
  #attend() {
    if (this.#isAttending && this.#unread.mark(this.#timeline.position.seq)) {
      this.#tellRead();
    }
    this.#showUnread();
  }

  #tellRead = throttle(() => {
    const seq = this.#unread.read;
    this.#connection.send({ type: Command.MARK_READ, room: this.#boot.room, seq });
    this.#tabs.postMessage({ seq });
  }, READ_INTERVAL);

  // Showing

  #showUnread() {
    const count = this.#unread.count(this.#timeline.messages);
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

  #showRoster() {
    find(document, "room-roster", RoomRoster).show(this.#roster, this.#me);
    find(document, "#here-count", HTMLElement).textContent =
      `${this.#roster.count.toLocaleString()} here`;
  }

  /** @param {string[]} names */
  #showTyping(names) {
    clearTimeout(this.#typingTimer);
    const others = names.filter((name) => name !== this.#me.name);
    const verb = others.length === 1 ? "is" : "are";
    find(document, ".typing", HTMLElement).textContent =
      others.length > 0 ? `${listed(others)} ${verb} typing…` : "";
    this.#typingTimer = setTimeout(() => this.#showTyping([]), TYPING_TIME);
  }

  /** @type {ConnectionState["phase"] | null} */
  #saidPhase = null;

  #showConnection() {
    const { state } = this.#connection;
    const unsent = this.#outbox.entries.filter((entry) => entry.state === "waiting").length;
    this.#banner.show(state, unsent);

    const label = this.#feed.isLive
      ? "Live"
      : state.phase === "open"
        ? "Catching up"
        : LABELS[state.phase];
    const button = find(document, "#connection-state", HTMLButtonElement);
    button.hidden = false;
    button.dataset.phase = this.#feed.isLive ? "live" : state.phase;
    find(button, ".connection-label", HTMLElement).textContent = label;
    this.#sayPhase(state.phase);
    this.#inspect();
  }

  /** @param {ConnectionState["phase"]} phase */
  #sayPhase(phase) {
    if (phase === "waiting" && this.#saidPhase === "open") {
      this.#status.say("The connection is lost. What you write is kept.");
      this.#saidPhase = phase;
    } else if (phase === "open" && this.#saidPhase !== "open") {
      if (this.#saidPhase !== null) {
        this.#status.say("Connected again.");
      }
      this.#saidPhase = phase;
    }
  }

  #inspect() {
    const { hello, reconnects, state } = this.#connection;
    this.#inspector.show([
      ["State", this.#feed.isLive ? "live" : state.phase],
      ["Node", hello?.node ?? "–"],
      ["Round trip", this.#roundTrip],
      ["Last number", this.#timeline.position.seq.toLocaleString()],
      ["Reconnects", String(reconnects)],
      ["Gaps filled", String(this.#feed.gapsFilled)],
      [
        "Waiting to be sent",
        String(this.#outbox.entries.filter(({ state }) => state !== "failed").length),
      ],
    ]);
  }

  async #measure() {
    const start = performance.now();
    try {
      await this.#requests.ask({ type: Command.PING });
      this.#roundTrip = `${Math.round(performance.now() - start)} ms`;
    } catch {
      this.#roundTrip = "–";
    }
    this.#inspect();
  }

  /** @param {string} text said to everyone: shown for a while, and read out */
  #remark(text) {
    this.#status.say(text);
    const remark = find(document, "#remark", HTMLElement);
    remark.textContent = text;
    remark.classList.add("is-shown");
    clearTimeout(this.#remarkTimer);
    this.#remarkTimer = setTimeout(() => remark.classList.remove("is-shown"), REMARK_TIME);
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #remarkTimer;
}

/** milliseconds */
const REMARK_TIME = 5_000;

/** @type {Record<ConnectionState["phase"], string>} */
const LABELS = {
  connecting: "Connecting",
  open: "Live",
  waiting: "Offline",
  ended: "Disconnected",
};

/**
 * @param {Boot} boot
 * @param {Message[]} messages
 */
function timelineOf({ epoch, to, to_id, more }, messages) {
  return new Timeline({ position: { epoch, seq: to, id: to_id }, messages, more });
}

function socketAddress() {
  const address = new URL("/ws/", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

/** @param {Boot} boot */
function start(boot) {
  if (boot.me) {
    new Room(boot, boot.me).enter();
  } else {
    const list = find(document, "message-list", MessageList);
    const timeline = timelineOf(boot, list.readMessages());
    list.show({ timeline, outbox: null, unread: null, me: null });
  }
}

start(JSON.parse(find(document, "#boot", HTMLScriptElement).textContent ?? ""));
