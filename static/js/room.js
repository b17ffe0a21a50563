import { ConnectionBanner } from "./elements/connection-banner.js";
import { ConnectionInspector } from "./elements/connection-inspector.js";
import { MessageComposer } from "./elements/message-composer.js";
import { MessageJourney } from "./elements/message-journey.js";
import { MessageList } from "./elements/message-list.js";
import { MessageMenu } from "./elements/message-menu.js";
import { NameCompletion } from "./elements/name-completion.js";
import { RoomRoster } from "./elements/room-roster.js";
import { find } from "./helpers/dom.js";
import { newClientId } from "./helpers/ids.js";
import { quoted } from "./helpers/message-dom.js";
import { openShelf } from "./helpers/shelf.js";
import { Status } from "./helpers/status.js";
import { counted, isOnlyEmoji, listed } from "./helpers/text.js";
import { preciseNow, preciseTime } from "./helpers/time.js";
import { sleep, throttle } from "./helpers/timing.js";
import { Clock } from "./models/clock.js";
import { Journeys, myJourney, theirJourney } from "./models/journey.js";
import { Outbox } from "./models/outbox.js";
import { Roster } from "./models/roster.js";
import { Timeline } from "./models/timeline.js";
import { Unread } from "./models/unread.js";
import { CloseCode, Command, Event as ServerEvent } from "./protocol.js";
import { Connection } from "./realtime/connection.js";
import { Delivery } from "./realtime/delivery.js";
import { Feed } from "./realtime/feed.js";
import { Rejected, Requests } from "./realtime/requests.js";

/** @import { Frame, HistoryPage, MemberRef, Message, MessageAccepted } from "./protocol.js" */
/** @import { ConnectionState } from "./realtime/connection.js" */

/**
 * @typedef {{
 *   room: string, me: MemberRef | null, epoch: string, to: number, to_id: string | null,
 *   more: boolean, read: number | null, limits: { body: number }, focus?: number | null,
 *   newer?: boolean,
 * }} Boot What the page says about itself. `focus`: the message that its address names; `newer`: the
 *   room goes on after the messages of the page.
 */

const HISTORY_PAGE = 50;
/** The server gives no more messages at once. */
const LARGEST_PAGE = 100;
/** Fewer messages than this are seen at a glance; more deserve a word. */
const LONG_ABSENCE = 20;
/** Whoever spoke within so many messages is called by name the likeliest. */
const RECENT = 200;
/** To know the clocks when a connection is new. */
const PINGS = 5;
/** Longer than a probe waits for its answer. Milliseconds. */
const PROBE_INTERVAL = 4_000;
/** milliseconds */
const PING_PAUSE = 250;
/** milliseconds */
const PING_INTERVAL = 15_000;
/** milliseconds */
const READ_INTERVAL = 1_000;
/** The server forgets who types after 5 s; if it cannot say so, we do. Milliseconds. */
const TYPING_TIME = 6_000;
/** A page that was reloaded because its session ended is not reloaded again for this long. ms */
const RELOAD_PAUSE = 60_000;

customElements.define("connection-banner", ConnectionBanner);
customElements.define("connection-inspector", ConnectionInspector);
// Before the composer, which contains it.
customElements.define("name-completion", NameCompletion);
customElements.define("message-composer", MessageComposer);
customElements.define("message-journey", MessageJourney);
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
  #clock = new Clock();
  #journeys = new Journeys();

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
  /** @type {number | null} up to where was read when the page was left, or the connection lost */
  #leftAt;
  /** What the server knows of it. */
  #toldRead;
  /** Settled when the room was entered for the first time. */
  #opened;

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
    this.#leftAt = boot.read || null;
    this.#toldRead = boot.read ?? 0;
    this.#unread.draw(this.#timeline);

    this.#connection = new Connection(socketAddress());
    this.#requests = new Requests(this.#connection);
    const parts = { requests: this.#requests, room };
    this.#feed = new Feed({ ...parts, line: this.#connection, timeline: this.#timeline });
    this.#delivery = new Delivery({
      ...parts,
      outbox: this.#outbox,
      mayRun: () => this.#feed.isLive,
      lock: `outbox:${owner}`,
      trace: (client_id, accepted) => this.#trace(client_id, accepted),
    });
    this.#opened = new Promise((resolve) =>
      this.#feed.addEventListener("live", resolve, { once: true }),
    );
    this.#tabs = new BroadcastChannel(`read:${owner}`);
  }

  enter() {
    this.#composer.open({
      limit: this.#boot.limits.body,
      shelf: this.#shelf,
      draftKey: `draft:${this.#me.id}:${this.#boot.room}`,
      known: () => this.#known(),
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
    if (this.#boot.focus || location.hash) {
      this.#goToLink();
    } else {
      this.#goBack();
    }
  }

  /** @returns {MemberRef[]} whom one may call here: who spoke last, then who is here */
  #known() {
    const spoke = this.#timeline.messages.slice(-RECENT).map(({ author }) => author);
    const all = new Map([...spoke.reverse(), ...this.#roster.members].map((one) => [one.id, one]));
    all.delete(this.#me.id);
    return [...all.values()];
  }

  // What the page tells

  #followPage() {
    addEventListener("online", () => this.#connection.check());
    addEventListener("offline", () => this.#mindTheSilence());
    addEventListener("hashchange", () => this.#goToLink());
    addEventListener("pagehide", () => this.#keepPlace());
    addEventListener("focus", () => this.#attend());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") {
        this.#connection.check();
        this.#welcome();
        this.#attend();
      } else {
        this.#leftAt ??= this.#unread.read;
      }
    });
    const away = find(document, ".away", HTMLElement);
    find(away, ".away-jump", HTMLButtonElement).addEventListener("click", () => {
      away.hidden = true;
      this.#goToUnread(Number(away.dataset.since));
    });
    find(away, ".away-close", HTMLButtonElement).addEventListener("click", () => {
      away.hidden = true;
      this.#composer.focus();
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
    this.#mindDialogs();
  }

  // What the timeline tells

  #followTimeline() {
    this.#timeline.addEventListener("change", (event) => {
      const { added, beyond, live } = /** @type {CustomEvent} */ (event).detail;
      this.#settle();
      if (live) {
        const authors = added.map((/** @type {Message} */ { author }) => author.id);
        this.#note([...authors, ...beyond]);
      } else {
        this.#unread.redraw(this.#timeline);
      }
    });
    this.#outbox.addEventListener("change", () => this.#showConnection());
    this.#list.addEventListener("history-wanted", () => this.#loadHistory());
    this.#list.addEventListener("end-changed", (event) => {
      this.#showJump(/** @type {CustomEvent} */ (event).detail);
      this.#attend();
    });
    this.#list.addEventListener("journey-wanted", (event) => {
      this.#showJourney(/** @type {CustomEvent} */ (event).detail);
    });
    this.#list.addEventListener("message-wanted", (event) => {
      this.#goTo(/** @type {CustomEvent} */ (event).detail.seq);
    });
    this.#list.addEventListener("newer-wanted", () => this.#loadNewer());
    this.#list.addEventListener("end-wanted", () => this.#goToEnd());
    this.#jump.addEventListener("click", () => {
      this.#list.toEnd();
      this.#composer.focus();
    });
  }

  /** What the timeline shows need not wait in the outbox. */
  #settle() {
    const mine = this.#timeline.messages.filter(({ author }) => author.id === this.#me.id);
    this.#outbox.settle(
      mine.map(({ client_id }) => client_id),
      this.#timeline.position.seq,
    );
  }

  /** @param {number[]} authors of the messages that came */
  #note(authors) {
    const others = authors.filter((author) => author !== this.#me.id);
    if (others.length > 0 && !this.#isAttending) {
      this.#unread.draw(this.#timeline);
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
      this.#welcome();
      this.#attend();
      this.#measure();
      this.#showConnection();
    });
    this.#feed.addEventListener("behind", () => {
      this.#leftAt ??= this.#unread.read;
      this.#showConnection();
    });
    this.#feed.addEventListener("refused", (event) => {
      this.#status.say(/** @type {CustomEvent} */ (event).detail.message);
    });
    this.#banner.addEventListener("retry-wanted", () => this.#connection.hurry());
    this.#inspector.addEventListener("toggle", () => {
      this.#inspect();
      this.#ping();
    });
    this.#keepMeasuring();
  }

  /** @param {Frame} frame */
  #read(frame) {
    if (frame.room === this.#boot.room) {
      if (frame.type === ServerEvent.ROOM_CHANGES) {
        this.#traceArrival(frame.messages);
      } else if (frame.type === ServerEvent.PRESENCE_STATE) {
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

  /** Offline, says the browser; an answer may still have been on its way. Asked until it is clear. */
  #mindTheSilence() {
    if (this.#connection.isOpen && !navigator.onLine) {
      this.#connection.check();
      setTimeout(() => this.#mindTheSilence(), PROBE_INTERVAL);
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

  /** @param {{ body: string, replyTo?: number, typed: number }} message */
  #say({ body, replyTo, typed }) {
    find(document, ".away", HTMLElement).hidden = true;
    this.#unread.erase();
    const client_id = newClientId();
    this.#journeys.mark(this.#mine(client_id), { typed });
    this.#outbox.add({
      client_id,
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
      case "react":
        this.#pickEmoji(message);
        break;
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
    const dialog = this.#showDialog("#confirm-delete", (answer) => {
      if (answer === "delete") {
        this.#change({ type: Command.DELETE_MESSAGE, seq: message.seq });
      }
    });
    find(dialog, ".dialog-subject", HTMLElement).textContent = quoted(message);
  }

  /** @param {Message} message */
  async #copyLink(message) {
    const link = `${location.origin}${this.#address}${message.seq}/`;
    try {
      await navigator.clipboard.writeText(link);
      this.#remark("Link copied.");
    } catch {
      // Pages over plain HTTP have no clipboard: put it where it can be copied from.
      history.replaceState(null, "", link);
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
    const active = document.activeElement;
    const busy =
      active?.matches("input, textarea, select") ||
      document.querySelector("dialog[open], :popover-open") !== null;
    if (busy || altKey || ctrlKey || metaKey || isComposing) {
      return;
    }
    if (key === "?") {
      event.preventDefault();
      this.#showDialog("#shortcuts");
    } else if (key === "Escape") {
      this.#list.toEnd();
      this.#composer.focus();
    } else if (key.length === 1 && key !== " ") {
      this.#composer.focus();
    }
  }

  /**
   * Afterwards the member can write on.
   *
   * @param {string} selector
   * @param {(answer: string) => void} then
   * @returns {HTMLDialogElement}
   */
  #showDialog(selector, then = () => {}) {
    const dialog = find(document, selector, HTMLDialogElement);
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener(
      "close",
      () => {
        this.#composer.focus();
        then(dialog.returnValue);
      },
      { once: true },
    );
    return dialog;
  }

  /** @param {Message} message */
  #pickEmoji(message) {
    const field = find(document, "#any-emoji", HTMLInputElement);
    field.value = "";
    this.#showDialog("#pick-emoji", (emoji) => {
      if (emoji) {
        this.#react({ message, emoji, on: true });
      }
    });
  }

  #mindDialogs() {
    const picker = find(document, "#pick-emoji", HTMLDialogElement);
    const field = find(picker, "#any-emoji", HTMLInputElement);
    // Not submit buttons: Enter in the field must not press the first of them.
    find(picker, ".emoji-grid", HTMLElement).addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (button) {
        picker.close(button.value);
      }
    });
    field.addEventListener("input", () => {
      if (isOnlyEmoji(field.value)) {
        picker.close(field.value.trim());
      }
    });
    find(document, ".shortcuts-button", HTMLButtonElement).addEventListener("click", () =>
      this.#showDialog("#shortcuts"),
    );
    const invite = find(document, ".invite", HTMLElement);
    find(invite, "input", HTMLInputElement).value = location.origin + this.#address;
    find(invite, "button", HTMLButtonElement).addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(location.origin + this.#address);
        this.#remark("Link copied.");
      } catch {
        find(invite, "input", HTMLInputElement).select();
        this.#remark("Press Ctrl + C to copy it.");
      }
    });
  }

  // Going to a message

  /** To the message that the address names, or to where the reader was. */
  #goToLink() {
    const linked = Number(/^#m(\d+)$/.exec(location.hash)?.[1] ?? this.#boot.focus ?? 0);
    if (linked) {
      this.#goTo(linked);
    }
  }

  /** @param {number} seq */
  async #goTo(seq) {
    if (await this.#fetchAround(seq)) {
      this.#list.toMessage(seq);
    } else {
      this.#remark("That message is not at hand.");
    }
  }

  async #goBack() {
    const place = this.#keptPlace();
    if (place && (await this.#fetchAround(place.seq))) {
      this.#list.toPlace(place);
    }
  }

  /** @returns {import("./elements/message-list.js").Place | null} */
  #keptPlace() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#placeKey) ?? "null");
    } catch {
      return null;
    }
  }

  #keepPlace() {
    try {
      sessionStorage.setItem(this.#placeKey, JSON.stringify(this.#list.place));
    } catch {
      // Then the room opens at its end.
    }
  }

  get #placeKey() {
    return `place:${this.#me.id}:${this.#boot.room}`;
  }

  /**
   * Older history continues what is held; what is far away is held instead of it.
   *
   * @param {number} seq
   * @returns {Promise<boolean>} whether the timeline holds it now
   */
  async #fetchAround(seq) {
    if (this.#timeline.at(seq)) {
      return true;
    }
    await this.#opened;
    const distance = this.#timeline.oldest - seq;
    if (distance > 0 && distance < LARGEST_PAGE && this.#timeline.more) {
      await this.#loadHistory(LARGEST_PAGE);
    }
    if (!this.#timeline.at(seq)) {
      await this.#move(seq + LARGEST_PAGE / 2, LARGEST_PAGE);
    }
    return this.#timeline.at(seq) !== undefined;
  }

  /** To the end of the room, from somewhere in its past. */
  async #goToEnd() {
    if (await this.#move(Number.MAX_SAFE_INTEGER - 1, HISTORY_PAGE)) {
      this.#list.toEnd();
    }
  }

  /**
   * @param {number} to
   * @param {number} limit
   * @returns {Promise<boolean>} whether the part of the room that ends there is held now
   */
  async #move(to, limit) {
    const { epoch, seq: asked } = this.#timeline.position;
    try {
      const { messages, more } = await this.#askHistory(to + 1, limit);
      if (messages.length === 0 || epoch !== this.#timeline.position.epoch) {
        return false;
      }
      this.#timeline.move({ messages, more, to, asked });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * @param {number} limit
   * @returns {Promise<boolean>} whether it came
   */
  async #loadHistory(limit = HISTORY_PAGE) {
    const { oldest } = this.#timeline;
    try {
      const page = await this.#askHistory(oldest, limit);
      if (oldest !== this.#timeline.oldest) {
        return false;
      }
      this.#timeline.prepend(page);
      return true;
    } catch {
      return false;
    } finally {
      this.#list.historyLoaded();
    }
  }

  /** What follows the edge: numbers are dense, so the next hundred of them are a page. */
  async #loadNewer() {
    const { edge } = this.#timeline;
    const { epoch, seq: asked } = this.#timeline.position;
    const to = edge + LARGEST_PAGE;
    try {
      const messages = await this.#askBetween(edge, to);
      if (edge === this.#timeline.edge && epoch === this.#timeline.position.epoch) {
        this.#timeline.append({ messages, to, asked });
      }
    } catch {
      // Asked for again when the reader moves.
    } finally {
      this.#list.newerLoaded();
    }
  }

  /**
   * @param {number} edge
   * @param {number} to
   * @returns {Promise<Message[]>} the messages after `edge`, up to `to`
   */
  async #askBetween(edge, to) {
    /** @type {Message[]} */
    const found = [];
    let before = to + 1;
    // Long messages fill a frame before the page is full: then it takes more than one.
    for (let more = true; more && before > edge + 1; ) {
      const page = await this.#askHistory(before, LARGEST_PAGE);
      found.unshift(...page.messages.filter(({ seq }) => seq > edge));
      more = page.more && page.messages.length > 0;
      before = page.messages[0]?.seq ?? 0;
    }
    return found;
  }

  /**
   * @param {number} before
   * @param {number} limit
   * @returns {Promise<HistoryPage>}
   */
  #askHistory(before, limit) {
    const type = Command.LOAD_HISTORY;
    return this.#requests.ask({ type, room: this.#boot.room, before, limit });
  }

  /** The room's own address, whichever message the page was opened at. */
  get #address() {
    return `/rooms/${this.#boot.room}/`;
  }

  // Reading

  /** Back after an absence: how much was missed, and the way to where it begins. */
  #welcome() {
    const since = this.#leftAt;
    if (since === null || document.visibilityState !== "visible" || !this.#feed.isLive) {
      return;
    }
    this.#leftAt = null;
    const { count, exact } = this.#unread.count(this.#timeline, since);
    if (count >= LONG_ABSENCE) {
      const away = find(document, ".away", HTMLElement);
      const said = `You were away; ${exact ? "" : "about "}${counted(count, "message")}.`;
      find(away, "p", HTMLElement).textContent = said;
      away.dataset.since = String(since);
      away.hidden = false;
      this.#status.say(said);
    }
  }

  /** @param {number} since */
  async #goToUnread(since) {
    const held = !this.#timeline.more || this.#timeline.oldest <= since + 1;
    if (!held) {
      await this.#move(since + LARGEST_PAGE / 2, LARGEST_PAGE);
    }
    const first = this.#unread.first(this.#timeline, since);
    if (first !== null) {
      this.#list.toMessage(first);
    }
  }

  get #isAttending() {
    return document.visibilityState === "visible" && document.hasFocus() && this.#list.atEnd;
  }

  /** At the end and looking: all of it is read. */
  #attend() {
    if (this.#isAttending) {
      this.#unread.mark(this.#timeline.position.seq);
      if (this.#unread.read > this.#toldRead && this.#feed.isLive) {
        this.#tellRead();
      }
    }
    this.#showUnread();
  }

  #tellRead = throttle(() => {
    const seq = this.#unread.read;
    this.#toldRead = seq;
    this.#connection.send({ type: Command.MARK_READ, room: this.#boot.room, seq });
    this.#tabs.postMessage({ seq });
  }, READ_INTERVAL);

  // Showing

  #showUnread() {
    const { count } = this.#unread.count(this.#timeline);
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
    if (!this.#inspector.matches(":popover-open")) {
      return;
    }
    const { hello, reconnects, state, bytes } = this.#connection;
    const clock = this.#clock.estimate;
    const last = this.#clock.roundTrips.at(-1);
    /** @type {[string, string][]} */
    const facts = [
      ["State", this.#feed.isLive ? "live" : state.phase],
      ["Node", hello?.node ?? "–"],
      ["Round trip", last === undefined ? "–" : `${last.toFixed(1)} ms`],
      ["Clock", clock ? `${signed(clock.offset)} ms ± ${clock.error.toFixed(1)}` : "–"],
      ["Last number", this.#timeline.position.seq.toLocaleString()],
      ["Reconnects", String(reconnects)],
      ["Gaps filled", String(this.#feed.gapsFilled)],
      [
        "Waiting to be sent",
        String(this.#outbox.entries.filter(({ state }) => state !== "failed").length),
      ],
      ["Bytes in, out", `${bytes.in.toLocaleString()}, ${bytes.out.toLocaleString()}`],
    ];
    this.#inspector.show(facts, this.#clock.roundTrips);
  }

  // Clocks and ways

  /** Several pings: the quickest knows best. */
  async #measure() {
    for (let count = 0; count < PINGS && this.#connection.isOpen; count += 1) {
      await this.#ping();
      await sleep(PING_PAUSE);
    }
  }

  async #ping() {
    const sent = preciseNow();
    try {
      const { time } = await this.#requests.ask({ type: Command.PING });
      this.#clock.add({ sent, server: preciseTime(time), received: preciseNow() });
    } catch {
      // The connection went; its end is shown elsewhere.
    }
    this.#inspect();
  }

  /** While someone looks, twice a second; else now and then. */
  #keepMeasuring() {
    const looking = this.#inspector.matches(":popover-open");
    setTimeout(
      async () => {
        if (document.visibilityState === "visible" && this.#feed.isLive) {
          await this.#ping();
        }
        this.#keepMeasuring();
      },
      looking ? PING_PAUSE * 2 : PING_INTERVAL,
    );
  }

  /** @param {string} client_id */
  #mine(client_id) {
    return `${this.#me.id} ${client_id}`;
  }

  /**
   * @param {string} client_id
   * @param {MessageAccepted | null} accepted nothing yet: it is sent now
   */
  #trace(client_id, accepted) {
    const now = preciseNow();
    if (accepted) {
      const received = preciseTime(accepted.trace.received);
      const committed = preciseTime(accepted.trace.committed);
      this.#journeys.mark(this.#mine(client_id), { received, committed, back: now });
      this.#markShown([this.#mine(client_id)]);
    } else {
      this.#journeys.sentAgain(this.#mine(client_id), now);
    }
  }

  /** @param {Message[]} messages that a frame brought just now */
  #traceArrival(messages) {
    const back = preciseNow();
    const fresh = messages.filter(({ seq, updated_seq }) => seq === updated_seq);
    const keys = fresh.map(({ author, client_id, created_at }) => {
      const key = `${author.id} ${client_id}`;
      this.#journeys.mark(key, { created: preciseTime(created_at), back });
      return key;
    });
    this.#markShown(keys);
  }

  /** @param {string[]} keys of messages that the next frame of the screen shows */
  #markShown(keys) {
    // The page is drawn after this callback; the next task comes when it has been.
    requestAnimationFrame(() =>
      setTimeout(() => {
        for (const key of keys) {
          this.#journeys.mark(key, { shown: preciseNow() });
        }
      }),
    );
  }

  /** @param {{ message: Message | undefined, link: HTMLElement }} wish */
  #showJourney({ message, link }) {
    if (message) {
      const mine = message.author.id === this.#me.id;
      const marks = this.#journeys.of(`${message.author.id} ${message.client_id}`) ?? {};
      const clock = this.#clock.estimate;
      const journey = (mine ? myJourney : theirJourney)(marks, clock?.offset ?? 0);
      const node = this.#connection.hello?.node ?? "The node";
      const panel = find(document, "message-journey", MessageJourney);
      panel.show({ message, journey, mine, origin: link, clock, node });
    }
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
function timelineOf({ epoch, to, to_id, more, newer }, messages) {
  return new Timeline({ position: { epoch, seq: to, id: to_id }, messages, more, newer });
}

/** @param {number} value */
function signed(value) {
  const shown = Math.abs(value).toFixed(1);
  return shown === "0.0" ? shown : `${value < 0 ? "−" : "+"}${shown}`;
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
    if (boot.focus) {
      list.toMessage(boot.focus);
    }
    const jump = find(document, ".jump", HTMLButtonElement);
    jump.hidden = !boot.newer;
    find(jump, "span", HTMLElement).textContent = "Go to newest";
    jump.addEventListener("click", () => location.assign(`/rooms/${boot.room}/`));
  }
}

start(JSON.parse(find(document, "#boot", HTMLScriptElement).textContent ?? ""));
