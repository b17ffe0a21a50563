import { ChangeDelivery } from "../realtime/change-delivery.js";
import { Delivery } from "../realtime/delivery.js";
import { Feed } from "../realtime/feed.js";
import { History } from "../realtime/history.js";
import { ChangeQueue } from "./change-queue.js";
import { Drafts } from "./drafts.js";
import { KnownNames } from "./known-names.js";
import { Outbox } from "./outbox.js";
import { Permissions } from "./permissions.js";
import { Roster } from "./roster.js";
import { Timeline } from "./timeline.js";
import { Unread } from "./unread.js";

/** @import { Frame, MemberRef, Message } from "../protocol.js" */
/** @import { Line, Requests } from "../realtime/requests.js" */
/** @import { Wish } from "./change-queue.js" */
/** @import { Faces } from "./faces.js" */
/** @import { Tabs } from "./drafts.js" */
/** @import { KeyValueStorage } from "./stored-queue.js" */
/** @import { PermissionState } from "./permissions.js" */

/**
 * @typedef {{ key: string, name: string, kind?: string, topic?: string, read?: number | null }} RoomInfo
 *   `read`: how far the member has read there; null: never entered
 * @typedef {{
 *   epoch: string, to: number, to_id: string | null, more: boolean, newer?: boolean,
 *   messages: Message[],
 * }} RoomPage What is known of a room from elsewhere than its feed.
 * @typedef {{
 *   line: Line, requests: Requests, me: MemberRef | null, storage: KeyValueStorage,
 *   tabStorage: KeyValueStorage, tabs: Tabs, newId: () => string, faces?: Faces,
 * }} SessionParts What all rooms of a tab share. `me`: nobody for a visitor
 */

const NOBODY = { id: 0, name: "" };
/** A room of which nothing is held yet. */
/** @type {RoomPage} */
const NOTHING = { epoch: "", to: 0, to_id: null, more: false, messages: [] };

/**
 * One room as this tab has it: its messages, what is written and waits in it, how far it was read, who is
 * in it and what holds there. It outlives the room's time on the screen.
 */
export class RoomSession {
  roster = new Roster();
  /** @type {Message | null} what the draft replies to */
  replyingTo = null;
  /** @type {number | null} up to where was read when the room was left, or the connection lost */
  leftAt;
  /** What the server knows of what was read. */
  toldRead;

  /**
   * @param {RoomInfo} room
   * @param {SessionParts} parts
   * @param {{ page?: RoomPage, permissions?: PermissionState, isFollowing?: boolean }} start
   */
  constructor(room, parts, { page = NOTHING, permissions = {}, isFollowing = true } = {}) {
    const { key, name, topic = "", kind = "public", read = null } = room;
    const { line, requests, me, storage, tabStorage, tabs, newId, faces } = parts;
    this.key = key;
    this.name = name;
    this.topic = topic;
    this.kind = kind;
    this.me = me;
    /** In storages and between tabs. */
    this.owner = `${me?.id ?? "visitor"}:${key}`;

    this.timeline = timelineOf(page);
    this.names = new KnownNames(faces);
    this.names.follow(this.timeline);
    this.outbox = new Outbox(storage, this.owner);
    this.changes = new ChangeQueue(storage, this.owner, me ?? NOBODY);
    this.drafts = new Drafts({ storage, tabStorage, owner: this.owner, tabs, newId });
    this.unread = new Unread(me?.id ?? 0, read || page.to);
    this.leftAt = read || null;
    this.toldRead = read ?? 0;
    this.permissions = new Permissions(key, permissions);

    const common = { requests, room: key, timeline: this.timeline };
    this.feed = new Feed({ ...common, line, isFollowing });
    this.history = new History({ ...common, feed: this.feed });
    // What a room that is followed shows is looked at first: it may have been sent already.
    const mayRun = () => (this.feed.isFollowing ? this.feed.isLive : line.isOpen);
    const sending = { requests, room: key, mayRun };
    const lock = `outbox:${this.owner}`;
    this.delivery = new Delivery({ ...sending, outbox: this.outbox, lock });
    this.changeDelivery = new ChangeDelivery({
      ...sending,
      changes: this.changes,
      lock: `changes:${this.owner}`,
    });
    this.#startReading(read);
  }

  /** The room's own address, whichever message the page was opened at. */
  get address() {
    return `/rooms/${this.key}/`;
  }

  /** Whether the room turned out not to be there for me before anything of it was seen. */
  get isMissing() {
    return this.feed.refusal !== null && !this.timeline.isLoaded;
  }

  /**
   * What everyone hears of rooms, and I of myself.
   *
   * @param {Frame} frame
   */
  receive(frame) {
    this.permissions.on(frame);
  }

  /** What the timeline shows need not wait in the outbox. */
  reconcile() {
    const { timeline, me } = this;
    const mine = timeline.messages.filter(({ author }) => author.id === me?.id);
    this.outbox.reconcile(
      mine.map(({ client_id }) => client_id),
      timeline.position.seq,
    );
    this.changes.reconcile(timeline);
  }

  /** @param {Wish} wish shown at once, and sent as soon as that is possible */
  want(wish) {
    this.changes.add(wish, this.timeline.at(wish.seq));
    this.changeDelivery.run();
  }

  /** Whatever waits here. */
  sendAll() {
    this.delivery.run();
    this.changeDelivery.run();
  }

  /** For good: nothing of it listens any more. */
  close() {
    this.feed.close();
    this.names.close();
  }

  /**
   * The unread line stands where the reading ended; someone who was never here has missed nothing.
   *
   * @param {number | null} read
   */
  #startReading(read) {
    const { timeline, unread } = this;
    if (timeline.isLoaded) {
      unread.draw(timeline);
      return;
    }
    const start = () => {
      if (!read) {
        unread.mark(timeline.position.seq);
      }
      unread.draw(timeline);
    };
    timeline.addEventListener("change", start, { once: true });
  }
}

/** @param {RoomPage} page */
function timelineOf({ epoch, to, to_id, more, newer, messages }) {
  return new Timeline({ position: { epoch, seq: to, id: to_id }, messages, more, newer });
}
