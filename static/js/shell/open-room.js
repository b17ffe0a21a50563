import { MessageComposer } from "../elements/message-composer.js";
import { MessageList } from "../elements/message-list.js";
import { find } from "../helpers/dom.js";
import { Notices } from "../helpers/notices.js";
import { openStorage } from "../helpers/storage.js";
import { preciseNow, preciseTime } from "../helpers/time.js";
import { ChangeQueue } from "../models/change-queue.js";
import { Clock } from "../models/clock.js";
import { KnownNames } from "../models/known-names.js";
import { Outbox } from "../models/outbox.js";
import { Permissions } from "../models/permissions.js";
import { Roster } from "../models/roster.js";
import { Timeline } from "../models/timeline.js";
import { Traces } from "../models/trace.js";
import { Unread } from "../models/unread.js";
import { ChangeDelivery } from "../realtime/change-delivery.js";
import { Connection } from "../realtime/connection.js";
import { Delivery } from "../realtime/delivery.js";
import { Feed } from "../realtime/feed.js";
import { History } from "../realtime/history.js";
import { Rejected, Requests } from "../realtime/requests.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Wish } from "../models/change-queue.js" */
/** @import { PermissionState } from "../models/permissions.js" */

/**
 * @typedef {{
 *   room: string, me: MemberRef | null, epoch: string, to: number, to_id: string | null,
 *   more: boolean, read: number | null, limits: { body: number }, focus?: number | null,
 *   newer?: boolean, rooms: Record<string, number>, said: Record<string, number>, permissions?: PermissionState,
 * }} Boot What the page says about itself. `focus`: the message that its address names; `newer`: the
 *   room goes on after the messages of the page; `rooms`: how far each listed room was read, and
 *   `said`: up to where something was said in it.
 *
 * @typedef {{
 *   label: string, isDanger?: boolean, isAvailable: (message: Message) => boolean,
 *   run: (message: Message, origin: HTMLElement) => void,
 * }} Action What can be done with a message. `isAvailable`: whether its menu offers it.
 */

/**
 * The room that a member is in: what is known of it, what talks about it, and the two elements
 * that nearly everything has to do with. Each file of this folder is given one, and follows one
 * subject of it.
 */
export class OpenRoom {
  notices = new Notices(document);
  list = find(document, "message-list", MessageList);
  composer = find(document, "message-composer", MessageComposer);
  storage = openStorage();
  roster = new Roster();
  traces = new Traces();
  /** In the order of the menu. */
  /** @type {Action[]} */
  actions = [];

  /**
   * @param {Boot} boot
   * @param {MemberRef} me
   */
  constructor(boot, me) {
    this.boot = boot;
    const { now = "" } = find(document, "main[data-now]", HTMLElement).dataset;
    this.clock = new Clock(preciseTime(now) - preciseNow());
    this.me = me;
    this.key = boot.room;
    /** In storages and between tabs. */
    this.owner = `${me.id}:${this.key}`;

    this.timeline = timelineOf(boot, this.list.readMessages());
    this.outbox = new Outbox(this.storage, this.owner);
    this.changes = new ChangeQueue(this.storage, this.owner, me);
    this.names = new KnownNames();
    this.names.follow(this.timeline);
    this.unread = new Unread(me.id, boot.read || boot.to);
    this.unread.draw(this.timeline);

    this.permissions = new Permissions(this.key, boot.permissions);
    this.connection = new Connection(socketAddress());
    this.requests = new Requests(this.connection);
    const parts = { requests: this.requests, room: this.key };
    this.feed = new Feed({ ...parts, line: this.connection, timeline: this.timeline });
    this.history = new History({ ...parts, feed: this.feed, timeline: this.timeline });
    this.delivery = new Delivery({
      ...parts,
      outbox: this.outbox,
      mayRun: () => this.feed.isLive,
      lock: `outbox:${this.owner}`,
    });
    this.changeDelivery = new ChangeDelivery({
      ...parts,
      changes: this.changes,
      mayRun: () => this.feed.isLive,
      lock: `changes:${this.owner}`,
    });
  }

  /** Once everyone has said what can be done with a message. */
  show() {
    this.reconcile();
    const { list, timeline, outbox, changes, names, unread, me, actions, permissions } = this;
    /** @param {Message} message */
    const canAct = (message) => actions.some(({ isAvailable }) => isAvailable(message));
    const canExpand = () => permissions.isModerator;
    list.show({ timeline, outbox, changes, names, unread, me, canAct, canExpand });
  }

  /** What the timeline shows need not wait in the outbox. */
  reconcile() {
    const mine = this.timeline.messages.filter(({ author }) => author.id === this.me.id);
    this.outbox.reconcile(
      mine.map(({ client_id }) => client_id),
      this.timeline.position.seq,
    );
    this.changes.reconcile(this.timeline);
  }

  /** @param {Wish} wish shown at once, and sent as soon as that is possible */
  want(wish) {
    this.changes.add(wish, this.timeline.at(wish.seq));
    this.changeDelivery.run();
  }

  /** The room's own address, whichever message the page was opened at. */
  get address() {
    return `/rooms/${this.key}/`;
  }

  /**
   * @param {{ type: string, [field: string]: any }} command
   * @returns {Promise<boolean>} whether it was carried out; if not, the member is told why
   */
  async change(command) {
    try {
      await this.requests.ask({ ...command, room: this.key });
      return true;
    } catch (error) {
      const why = error instanceof Rejected ? error.message : "You are not connected right now.";
      this.notices.toast(`That did not work. ${why}`);
      return false;
    }
  }
}

/**
 * @param {Boot} boot
 * @param {Message[]} messages
 */
export function timelineOf({ epoch, to, to_id, more, newer }, messages) {
  return new Timeline({ position: { epoch, seq: to, id: to_id }, messages, more, newer });
}

/** @param {string} query */
export function socketAddress(query = "") {
  const address = new URL(`/ws/${query}`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
