import { emit, find, on } from "../helpers/dom.js";
import { ListFrame } from "../helpers/list-frame.js";
import { ListScroller } from "../helpers/list-scroller.js";
import { readMessage } from "../helpers/message-dom.js";
import { listenToMessages } from "../helpers/message-events.js";
import { MessageRows, serverRows } from "../helpers/message-rows.js";
import { MessageToolbars } from "../helpers/message-toolbar.js";
import { rove } from "../helpers/roving.js";
import { onMidnight } from "../helpers/time.js";
import { KnownNames } from "../models/known-names.js";
import { View } from "../models/view.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Anchor, Goal, Place } from "../helpers/list-scroller.js" */
/** @import { Editing } from "../helpers/message-rows.js" */
/** @import { ChangeQueue } from "../models/change-queue.js" */
/** @import { Outbox } from "../models/outbox.js" */
/** @import { Timeline, TimelineChange } from "../models/timeline.js" */
/** @import { Unread } from "../models/unread.js" */

/** Nearer to the end than this, the reader is at the end. Pixels. */
const NEAR_END = 100;
/** Nearer to the top than this, older history is fetched. Pixels. */
const NEAR_TOP = 600;
/** What a timeline may hold while nobody reads up there. Messages. */
const LONGEST_TIMELINE = 2_000;

/**
 * The timeline on the page. Everything that moves the view happens in `#render`, once a frame: a reader
 * at the end stays there, one further up stays at the place to the pixel. `show` with another room: the
 * element then lets go of the one before.
 *
 * Tells `history-wanted`, `newer-wanted`, `end-wanted` (detail: { atHand }), `end-changed` (detail:
 * { atEnd, below }); of a message (detail: { message, … } as it is shown) `actions-wanted`,
 * `reaction-set`, `emoji-wanted`, `reply-wanted`; of a link (detail: { seq }) `message-wanted`;
 * of what waits (detail: { choice, id }) `outbox-choice`, `changes-choice`.
 */
export class MessageList extends HTMLElement {
  /** @type {Timeline} */ #timeline = /** @type {any} */ (null);
  /** @type {Outbox | null} */ #outbox = null;
  /** @type {Unread | null} */ #unread = null;
  /** @type {MemberRef | null} */ #me = null;

  #scroller = new ListScroller(this);
  #frame = new ListFrame(this);
  #view = new View();
  /** @type {MessageRows} */ #rows = /** @type {any} */ (null);
  /** @type {AbortController | null} ends what listens to the models */ #bound = null;
  /** @type {Editing | null} */ #editing = null;
  #atEnd = true;
  #scheduled = false;
  #loading = false;
  #loadingNewer = false;
  /** @type {Goal | "keep"} what the next rendering brings into view */
  #goal = "keep";
  /** New messages below that the reader did not see yet. */
  #missed = 0;

  /** Whether the reader is at the end of the room. */
  get atEnd() {
    return this.#atEnd && this.#view.following && !this.#timeline.newer;
  }

  /** @returns {Place | null} where the reader is; at the end, nowhere in particular */
  get place() {
    return this.atEnd ? null : this.#scroller.place();
  }

  /** @returns {Message[]} what the server wrote into the page */
  readMessages() {
    return serverRows(this).map(readMessage);
  }

  /**
   * @param {{
   *   timeline: Timeline, outbox?: Outbox | null, changes?: ChangeQueue | null,
   *   unread?: Unread | null, names?: KnownNames, me?: MemberRef | null,
   *   canAct?: (message: Message) => boolean, canExpand?: () => boolean, place?: Place | null,
   * }} models a visitor has neither queue nor me. `canAct`: whether a message has a menu; `canExpand`: whether deleted messages
   *   in a row can be looked at one by one; `place`: where the reader was
   */
  show({ timeline, place = null, ...models }) {
    const { outbox = null, changes = null, unread = null, names = new KnownNames() } = models;
    const { me = null, canAct = () => false, canExpand = () => false } = models;
    const isFirst = this.#bound === null;
    this.#bound?.abort();
    this.#bound = new AbortController();
    this.#timeline = timeline;
    this.#outbox = outbox;
    this.#unread = unread;
    this.#me = me;
    this.#rows?.clear();
    const parts = { list: this.#list, template: this.#template, timeline, me, names, changes };
    this.#rows = new MessageRows({ ...parts, canAct, canExpand });
    this.#rows.edit(this.#editing);
    // The rows that the server wrote are all shown.
    this.#view = isFirst ? new View() : View.atEnd(timeline.messages);
    this.#startAt(place);
    this.#bind(this.#bound.signal, [outbox, changes, names]);
    if (isFirst) {
      this.#listen();
    }
  }

  /** @param {Place | null} place nothing: the end */
  #startAt(place) {
    const { messages } = this.#timeline;
    const isHeld = place !== null && this.#timeline.at(place.seq) !== undefined;
    this.#atEnd = !isHeld;
    this.#missed = 0;
    this.#loading = false;
    this.#loadingNewer = false;
    this.#goal = "end";
    if (isHeld) {
      this.#view.around(messages, place.seq);
      this.#goal = place;
    }
    this.#frame.quiet();
    this.#render();
  }

  /** @param {AbortSignal} signal @param {(EventTarget | null)[]} models */
  #bind(signal, models) {
    const note = (/** @type {Event} */ event) =>
      this.#note(/** @type {CustomEvent} */ (event).detail);
    this.#timeline.addEventListener("change", note, { signal });
    for (const model of models) {
      model?.addEventListener("change", () => this.refresh(), { signal });
    }
  }

  #listen() {
    this.addEventListener("scroll", () => this.#look(), { passive: true });
    listenToMessages(this, (seq) => this.shown(seq));
    if (this.#me) {
      new MessageToolbars(this, this.#template).connect();
      on(this, "run-toggled", ({ seqs }) => {
        this.#rows.toggleRun(seqs);
        this.refresh();
      });
    }
    rove(this);
    new ResizeObserver(() => this.#scroller.stay(this.atEnd)).observe(this);
    onMidnight(() => this.refresh());
  }

  /** @param {string} room its name */
  name(room) {
    this.#frame.name(room);
  }

  /** Draws the present state with the next frame. */
  refresh() {
    if (!this.#scheduled) {
      this.#scheduled = true;
      requestAnimationFrame(() => this.#render());
    }
  }

  /** Wherever the reader was being led: now to the end. */
  toEnd() {
    const atHand = !this.#timeline.newer;
    emit(this, "end-wanted", { atHand });
    if (atHand) {
      this.#view.toEnd(this.#timeline.messages);
      this.#goal = "end";
      this.refresh();
    }
  }

  /** @param {Place} place where the reader was before */
  toPlace(place) {
    this.#view.around(this.#timeline.messages, place.seq);
    this.#goal = place;
    this.refresh();
  }

  /** @param {number} seq of a message that the timeline holds */
  toMessage(seq) {
    this.#view.around(this.#timeline.messages, seq);
    this.#rows.reveal(seq);
    this.#goal = seq;
    this.refresh();
  }

  /** @param {number} seq @returns {Message | undefined} as it will be when what waits is done */
  shown(seq) {
    const message = this.#timeline.at(seq);
    return message && this.#rows.shown(message);
  }

  /**
   * Something to write in, in place of the text of a row.
   *
   * @param {string | null} key of the row; null: none any more
   * @param {HTMLElement} [editor]
   */
  edit(key, editor) {
    this.#editing = key !== null && editor ? { key, editor } : null;
    const anchor = this.#scroller.anchor();
    this.#rows.edit(this.#editing);
    this.#scroller.hold(anchor, this.atEnd);
  }

  /** Older history was asked for and came, or did not. */
  historyLoaded() {
    this.#loading = false;
    this.refresh();
  }

  newerLoaded() {
    this.#loadingNewer = false;
    this.refresh();
  }

  get #list() {
    return find(this, ".messages", HTMLOListElement);
  }

  get #template() {
    return find(this, "template", HTMLTemplateElement);
  }

  /** @param {TimelineChange} change */
  #note({ added, beyond, reset, live }) {
    this.#missed += beyond.filter((author) => author !== this.#me?.id).length;
    if (reset) {
      this.#view = new View();
      this.#goal = "end";
    } else if (!live) {
      // It does not move the reader, and is let go of at the other side.
      this.#frame.quiet();
      this.#view.grew(this.#timeline.messages, this.#loadingNewer);
      this.#atEnd = this.#atEnd && !this.#loadingNewer;
    } else if (live && added.length > 0) {
      if (!this.#atEnd) {
        this.#missed += added.filter(({ author }) => author.id !== this.#me?.id).length;
      } else if (this.#timeline.messages.length > LONGEST_TIMELINE && this.#view.following) {
        this.#timeline.trim(LONGEST_TIMELINE / 2);
      }
      this.#view.grew(this.#timeline.messages, this.#atEnd);
    }
    this.refresh();
  }

  #render() {
    this.#scheduled = false;
    const anchor = this.#scroller.anchor();
    this.#rows.show({
      messages: this.#view.slice(this.#timeline.messages),
      pending: this.#view.following && !this.#timeline.newer ? (this.#outbox?.entries ?? []) : [],
      newFrom: this.#unread?.newFrom ?? null,
    });
    this.#frame.show(this.#timeline, this.#rows.isEmpty);
    this.#scroll(anchor);
    this.#look();
  }

  /** @param {Anchor | null} anchor */
  #scroll(anchor) {
    const goal = this.#goal;
    this.#goal = "keep";
    if (goal === "keep") {
      this.#scroller.hold(anchor, this.atEnd);
    } else {
      this.#scroller.go(goal);
    }
  }

  /** Where the reader is, and what that asks for. */
  #look() {
    const toEnd = this.scrollHeight - this.scrollTop - this.clientHeight;
    this.#atEnd = toEnd <= NEAR_END;
    if (this.#atEnd && !this.#view.following) {
      this.#view.extendDown(this.#timeline.messages);
      this.#atEnd = false;
      this.refresh();
    } else if (this.atEnd) {
      this.#missed = 0;
    }
    if (this.#timeline.newer && this.#view.following && toEnd < NEAR_TOP && !this.#loadingNewer) {
      this.#loadingNewer = true;
      emit(this, "newer-wanted");
    }
    emit(this, "end-changed", { atEnd: this.atEnd, below: this.#missed });
    if (this.scrollTop < NEAR_TOP) {
      this.#growUpwards();
    }
  }

  #growUpwards() {
    if (this.#view.extendUp(this.#timeline.messages)) {
      this.#frame.quiet();
      this.refresh();
    } else if (this.#timeline.more && !this.#loading && this.#timeline.messages.length > 0) {
      this.#loading = true;
      emit(this, "history-wanted");
    }
  }
}
