import { find, on } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { newClientId } from "../helpers/ids.js";
import { quoted } from "../helpers/message-dom.js";
import { throttle } from "../helpers/timing.js";
import { keyOf } from "../models/message-grouping.js";
import { Command } from "../protocol.js";
import { showDialog } from "./dialogs.js";
import { writtenRooms } from "./room-list.js";

/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { BrowserStorage, Trouble } from "../helpers/storage.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { Traces } from "../models/trace.js" */
/** @import { Faces } from "../models/faces.js" */
/** @import { MemberRef } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** Those who spoke within so many messages are the likeliest to be called by name. */
const RECENT = 200;

/** What takes longer to be sent can be had back. Milliseconds. */
const SLOW_AFTER = 2_000;

/** Why what is written does not outlive the tab. */
/** @type {Record<Trouble, string>} */
const TROUBLES = {
  full: gettext(
    "Your browser's storage is full; what you write is kept only while this tab is open.",
  ),
  forbidden: gettext(
    "Your browser keeps nothing for this page; what you write is kept only while this tab is open.",
  ),
};

/** From the composer through the outbox to the server; and back, where something failed. */
export class Sending {
  #parts;
  /** Taken back while they were on their way, which may have been too late. */
  /** @type {Set<string>} */
  #takenBack = new Set();

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, sessions: RoomSessions, composer: MessageComposer,
   *   list: MessageList, connection: Connection, storage: BrowserStorage,
   *   traces: Traces, notices: Notices, limit: number, directory: RoomDirectory, faces: Faces,
   * }} parts `limit`: of a message, in characters
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current, sessions, composer, list, connection, storage } = this.#parts;
    on(storage, "trouble", (trouble) => this.#warn(trouble));
    sessions.follow((session) => this.#mind(session));
    current.follow((session, signal) => this.#open(session, signal));
    on(current, "leave", (session) => {
      session.replyingTo = composer.replyingTo;
    });
    on(composer, "message-send", (message) => this.#send(message));
    on(composer, "typing", () => {
      const room = current.session.key;
      // With a ref, so that a refusal is not taken for that of a message.
      connection.send({ type: Command.START_TYPING, ref: "typing", room });
    });
    on(list, "outbox-choice", (decision) => this.#decide(decision));
    on(list, "changes-choice", (decision) => this.#decideChange(decision));
    addEventListener("storage", (change) => this.#noteElsewhere(change));
  }

  /** @param {RoomSession} session */
  #mind(session) {
    const { outbox, timeline, feed, delivery } = session;
    on(feed, "live", () => session.sendAll());
    on(delivery, "accepted", ({ client_id }) => this.#mindTakenBack(client_id));
    on(delivery, "refused", (refusal) => this.#confirm(session, refusal));
    on(timeline, "change", () => {
      session.reconcile();
      this.#mindSubject(session);
    });
    const markSlow = throttle(() => {
      setTimeout(() => outbox.markSlow(Date.now() - SLOW_AFTER), SLOW_AFTER);
    }, SLOW_AFTER / 2);
    markSlow();
    on(outbox, "change", markSlow);
  }

  /**
   * What was begun in this room goes on.
   *
   * @param {RoomSession} session
   * @param {AbortSignal} signal
   */
  #open(session, signal) {
    const { composer, limit } = this.#parts;
    const { drafts, timeline } = session;
    const known = () => this.#known(session);
    const mayCallEveryone = () => this.#mayCallEveryone(session);
    composer.open({ limit, drafts, known, mayCallEveryone, rooms: writtenRooms });
    if (timeline.isLoaded) {
      this.#resume(session);
    } else {
      const resume = () => this.#resume(session);
      timeline.addEventListener("change", resume, { once: true, signal });
    }
    drafts.reconcile().then(() => {
      if (!signal.aborted) {
        composer.showDraft();
      }
    });
  }

  /** @param {RoomSession} session */
  #resume(session) {
    const { composer } = this.#parts;
    if (session.replyingTo) {
      composer.reply(session.replyingTo, quoted(session.replyingTo));
    }
    this.#mindSubject(session);
  }

  /** @param {Trouble} trouble */
  #warn(trouble) {
    this.#parts.notices.toast(TROUBLES[trouble]);
  }

  /**
   * @param {RoomSession} session
   * @returns {MemberRef[]} whom one may call here: who spoke last, then who is here
   */
  #known({ timeline, roster }) {
    const { faces } = this.#parts;
    const spoke = timeline.messages.slice(-RECENT).map(({ author }) => author);
    const all = new Map([...spoke.reverse(), ...roster.members].map((one) => [one.id, one]));
    all.delete(this.#parts.me.id);
    return [...all.values()].map((one) => ({ ...one, ...faces.get(one.id) }));
  }

  /** @param {RoomSession} session */
  #mayCallEveryone({ permissions, key }) {
    const { role } = this.#parts.directory.get(key) ?? {};
    return permissions.isModerator || role === "owner" || role === "moderator";
  }

  /** @param {{ body: string, replyTo?: number, typed: number }} message */
  #send({ body, replyTo, typed }) {
    const { current, list, traces, me } = this.#parts;
    const { outbox, delivery } = current.session;
    const client_id = newClientId();
    traces.mark(keyOf(me.id, client_id), { typed });
    outbox.add({
      client_id,
      body,
      ...(replyTo !== undefined && { reply_to: replyTo }),
    });
    list.toEnd();
    delivery.run();
  }

  /**
   * What the draft answers may have been deleted by now.
   *
   * @param {RoomSession} session
   */
  #mindSubject({ timeline, key }) {
    const { composer, notices, current } = this.#parts;
    const isShown = key === current.session.key;
    if (isShown && composer.replyingTo && timeline.at(composer.replyingTo.seq)?.deleted) {
      notices.announce(composer.loseSubject());
    }
  }

  /**
   * It would notify many people: the author is asked first. In another room the message itself says so.
   *
   * @param {RoomSession} session
   * @param {{ id: string, code: string, why: string }} refusal
   */
  #confirm(session, { id, code, why }) {
    const { current, composer } = this.#parts;
    if (code !== "confirm" || session !== current.session) {
      return;
    }
    const dialog = showDialog(
      "#confirm-everyone",
      () => composer.focus(),
      (answer) => {
        if (answer === "send") {
          session.outbox.confirm(id);
          session.delivery.run();
        }
      },
    );
    find(dialog, ".confirm-count", HTMLElement).textContent = why;
  }

  /** @param {{ choice: string, id: string }} decision about a change that was refused */
  #decideChange({ choice, id }) {
    const { changes, changeDelivery } = this.#parts.current.session;
    if (choice === "retry") {
      changes.waiting(id);
      changeDelivery.run();
    } else if (choice === "discard") {
      changes.take(id);
    }
  }

  /** @param {{ choice: string, id: string }} decision about a message that is not sent */
  #decide({ choice, id }) {
    const { composer, current } = this.#parts;
    const { outbox, delivery } = current.session;
    if (choice === "retry") {
      outbox.waiting(id);
      delivery.run();
      composer.focus();
    } else if (choice === "discard") {
      if (outbox.take(id)?.state === "sending") {
        this.#takenBack.add(id);
      }
      composer.focus();
    }
  }

  /** @param {string} clientId of a message that the server has */
  #mindTakenBack(clientId) {
    if (this.#takenBack.delete(clientId)) {
      this.#parts.notices.toast(gettext("What you took back had been sent already."));
    }
  }

  /** @param {StorageEvent} change by another tab; without a key: it emptied the storage */
  #noteElsewhere(change) {
    const { key } = change;
    const [kind, member, room] = key?.split(":") ?? [];
    if (key === null || kind === "outbox" || kind === "changes") {
      const { storage, sessions } = this.#parts;
      storage.storedElsewhere(key);
      for (const { outbox, changes, owner } of sessions.all) {
        if (key === null || owner === `${member}:${room}`) {
          outbox.changedElsewhere(change);
          changes.changedElsewhere(change);
        }
      }
    }
  }
}
