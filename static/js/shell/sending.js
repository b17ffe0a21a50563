import { on } from "../helpers/dom.js";
import { newClientId } from "../helpers/ids.js";
import { quoted } from "../helpers/message-dom.js";
import { throttle } from "../helpers/timing.js";
import { keyOf } from "../models/message-grouping.js";
import { Command } from "../protocol.js";
import { writtenRooms } from "./room-list.js";

/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { BrowserStorage, Trouble } from "../helpers/storage.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { Traces } from "../models/trace.js" */
/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { Commands } from "./commands.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** Those who spoke within so many messages are the likeliest to be called by name. */
const RECENT = 200;

/** What takes longer to be sent can be had back. Milliseconds. */
const SLOW_AFTER = 2_000;

/** Why what is written does not outlive the tab. */
/** @type {Record<Trouble, string>} */
const TROUBLES = {
  full: "Your browser's storage is full; what you write is kept only while this tab is open.",
  forbidden:
    "Your browser keeps nothing for this page; what you write is kept only while this tab is open.",
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
   *   list: MessageList, connection: Connection, commands: Commands, storage: BrowserStorage,
   *   traces: Traces, notices: Notices, limit: number,
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
    on(composer, "message-send", (message) => this.#say(message));
    on(composer, "message-edit", (edit) => this.#edit(edit));
    on(composer, "edit-ended", () => this.#reopenEdit());
    on(composer, "edit-last-wanted", () => this.#editLast());
    on(composer, "typing", () => {
      const room = current.session.key;
      // With a ref, so that a refusal is not taken for that of a message.
      connection.send({ type: Command.START_TYPING, ref: "typing", room });
    });
    on(list, "outbox-choice", (decision) => this.#decide(decision));
    on(list, "changes-choice", (decision) => this.#decideChange(decision));
    addEventListener("storage", ({ key }) => this.#noteElsewhere(key));
  }

  /** @param {RoomSession} session */
  #mind(session) {
    const { outbox, timeline, feed, delivery } = session;
    on(feed, "live", () => session.sendAll());
    on(delivery, "accepted", ({ client_id }) => this.#mindTakenBack(client_id));
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
    composer.open({ limit, drafts, known: () => this.#known(session), rooms: writtenRooms });
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
    if (session.drafts.edit) {
      this.#resumeEdit(session);
    } else if (session.replyingTo) {
      composer.reply(session.replyingTo, quoted(session.replyingTo));
    }
    this.#reopenEdit();
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
    const spoke = timeline.messages.slice(-RECENT).map(({ author }) => author);
    const all = new Map([...spoke.reverse(), ...roster.members].map((one) => [one.id, one]));
    all.delete(this.#parts.me.id);
    return [...all.values()];
  }

  /** @param {{ body: string, replyTo?: number, typed: number }} message */
  #say({ body, replyTo, typed }) {
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

  /** @param {{ message: Message, body: string }} edit */
  async #edit({ message, body }) {
    const { session } = this.#parts.current;
    if (body !== message.body) {
      const edit = { type: Command.EDIT_MESSAGE, seq: message.seq, body };
      if (!(await this.#parts.commands.run(edit, session.key))) {
        session.failedEdits.push({ message, body });
        this.#reopenEdit();
      }
    }
  }

  /** What could not be changed is offered again, as soon as nothing else is being edited. */
  #reopenEdit() {
    const { composer, current } = this.#parts;
    const edit = composer.isEditing ? undefined : current.session.failedEdits.shift();
    if (edit) {
      composer.edit(edit.message, edit.body);
      this.#mindSubject(current.session);
    }
  }

  /**
   * The page was loaded anew, or another room was shown, while something was being edited.
   *
   * @param {RoomSession} session
   */
  #resumeEdit({ drafts, timeline }) {
    const { composer } = this.#parts;
    const edit = drafts.edit;
    const message = edit && timeline.at(edit.seq);
    if (edit && message) {
      composer.edit(message, edit.text);
    } else if (edit) {
      drafts.keepEdit(null);
      composer.revise(edit.text);
    }
  }

  /**
   * What is edited or replied to may have been deleted by now.
   *
   * @param {RoomSession} session
   */
  #mindSubject({ timeline, key }) {
    const { composer, notices, current } = this.#parts;
    const isShown = key === current.session.key;
    if (isShown && composer.subject && timeline.at(composer.subject.seq)?.deleted) {
      notices.announce(composer.loseSubject());
    }
  }

  #editLast() {
    const { current, me, composer } = this.#parts;
    const last = current.session.timeline.messages.findLast(
      ({ author, deleted }) => author.id === me.id && !deleted,
    );
    if (last) {
      composer.edit(last);
    }
  }

  /** @param {{ choice: string, id: string }} decision about a change that was refused */
  #decideChange({ choice, id }) {
    const { changes, changeDelivery } = this.#parts.current.session;
    if (choice === "retry") {
      changes.waiting(id);
      changeDelivery.run();
    } else {
      changes.take(id);
    }
  }

  /** @param {{ choice: string, id: string }} decision about a message that is not sent */
  #decide({ choice, id: clientId }) {
    const { composer, current } = this.#parts;
    const { outbox, delivery } = current.session;
    if (choice === "retry") {
      outbox.waiting(clientId);
      delivery.run();
    } else {
      const entry = outbox.take(clientId);
      if (entry?.state === "sending") {
        this.#takenBack.add(clientId);
      }
      if (choice === "edit" && entry) {
        composer.revise(entry.body);
      }
    }
    composer.focus();
  }

  /** @param {string} clientId of a message that the server has */
  #mindTakenBack(clientId) {
    if (this.#takenBack.delete(clientId)) {
      this.#parts.notices.toast("What you took back had been sent already.");
    }
  }

  /** @param {string | null} key that another tab stored; null: it emptied the storage */
  #noteElsewhere(key) {
    const [kind, member, room] = key?.split(":") ?? [];
    if (key === null || kind === "outbox" || kind === "changes") {
      const { storage, sessions } = this.#parts;
      storage.storedElsewhere(key);
      for (const { outbox, changes, owner } of sessions.all) {
        if (key === null || owner === `${member}:${room}`) {
          outbox.refresh();
          changes.refresh();
        }
      }
    }
  }
}
