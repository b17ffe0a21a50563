import { on } from "../helpers/dom.js";
import { newClientId } from "../helpers/ids.js";
import { openTabStorage } from "../helpers/storage.js";
import { Tabs } from "../helpers/tabs.js";
import { throttle } from "../helpers/timing.js";
import { Drafts } from "../models/drafts.js";
import { keyOf } from "../models/message-grouping.js";
import { Command } from "../protocol.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Trouble } from "../helpers/storage.js" */
/** @import { OpenRoom } from "./open-room.js" */

/** Whoever spoke within so many messages is called by name the likeliest. */
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
  #room;
  #drafts;
  /** Edits that failed while something else was edited. */
  /** @type {{ message: Message, body: string }[]} */
  #failedEdits = [];
  /** Taken back while they were on their way, which may have been too late. */
  /** @type {Set<string>} */
  #takenBack = new Set();

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
    const { storage, owner } = room;
    const parts = { storage, tabStorage: openTabStorage(), owner };
    this.#drafts = new Drafts({ ...parts, tabs: new Tabs(), newId: newClientId });
  }

  connect() {
    const { composer, list, outbox, timeline, feed, delivery, connection, storage } = this.#room;
    on(storage, "trouble", (trouble) => this.#warn(trouble));
    composer.open({
      limit: this.#room.boot.limits.body,
      drafts: this.#drafts,
      known: () => this.#known(),
      rooms: listedRooms,
    });
    this.#resumeEdit();
    this.#drafts.reconcile().then(() => composer.showDraft());
    on(composer, "message-send", (message) => this.#say(message));
    on(composer, "message-edit", (edit) => this.#edit(edit));
    on(composer, "edit-ended", () => this.#reopenEdit());
    on(composer, "edit-last-wanted", () => this.#editLast());
    on(composer, "typing", () => {
      // With a ref, so that a refusal is not taken for that of a message.
      connection.send({ type: Command.START_TYPING, ref: "typing", room: this.#room.key });
    });
    on(list, "outbox-choice", (decision) => this.#decide(decision));
    on(list, "changes-choice", (decision) => this.#decideChange(decision));
    on(feed, "live", () => {
      delivery.run();
      this.#room.changeDelivery.run();
    });
    on(delivery, "accepted", ({ client_id }) => this.#mindTakenBack(client_id));
    on(timeline, "change", () => {
      this.#room.reconcile();
      this.#mindSubject();
    });
    this.#markSlow();
    on(outbox, "change", () => this.#markSlow());
    addEventListener("storage", ({ key }) => {
      if (key === null || /^(?:outbox|changes):/.test(key)) {
        storage.storedElsewhere(key);
        outbox.refresh();
        this.#room.changes.refresh();
      }
    });
  }

  #markSlow = throttle(() => {
    setTimeout(() => this.#room.outbox.markSlow(Date.now() - SLOW_AFTER), SLOW_AFTER);
  }, SLOW_AFTER / 2);

  /** @param {Trouble} trouble */
  #warn(trouble) {
    this.#room.notices.toast(TROUBLES[trouble]);
  }

  /** @returns {MemberRef[]} whom one may call here: who spoke last, then who is here */
  #known() {
    const { timeline, roster, me } = this.#room;
    const spoke = timeline.messages.slice(-RECENT).map(({ author }) => author);
    const all = new Map([...spoke.reverse(), ...roster.members].map((one) => [one.id, one]));
    all.delete(me.id);
    return [...all.values()];
  }

  /** @param {{ body: string, replyTo?: number, typed: number }} message */
  #say({ body, replyTo, typed }) {
    const { outbox, list, delivery, traces, me } = this.#room;
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
    if (body !== message.body) {
      const type = Command.EDIT_MESSAGE;
      if (!(await this.#room.change({ type, seq: message.seq, body }))) {
        this.#failedEdits.push({ message, body });
        this.#reopenEdit();
      }
    }
  }

  /** What could not be changed is suggestions again, as soon as nothing else is being edited. */
  #reopenEdit() {
    const { composer } = this.#room;
    const edit = composer.isEditing ? undefined : this.#failedEdits.shift();
    if (edit) {
      composer.edit(edit.message, edit.body);
      this.#mindSubject();
    }
  }

  /** The page was loaded anew while something was being edited. */
  #resumeEdit() {
    const { composer, timeline } = this.#room;
    const edit = this.#drafts.edit;
    const message = edit && timeline.at(edit.seq);
    if (edit && message) {
      composer.edit(message, edit.text);
      this.#mindSubject();
    } else if (edit) {
      this.#drafts.keepEdit(null);
      composer.revise(edit.text);
    }
  }

  /** What is edited or replied to may have been deleted by now. */
  #mindSubject() {
    const { composer, timeline, notices } = this.#room;
    if (composer.subject && timeline.at(composer.subject.seq)?.deleted) {
      notices.announce(composer.loseSubject());
    }
  }

  #editLast() {
    const { timeline, me, composer } = this.#room;
    const last = timeline.messages.findLast(
      ({ author, deleted }) => author.id === me.id && !deleted,
    );
    if (last) {
      composer.edit(last);
    }
  }

  /** @param {{ choice: string, id: string }} decision about a change that was refused */
  #decideChange({ choice, id }) {
    const { changes, changeDelivery } = this.#room;
    if (choice === "retry") {
      changes.waiting(id);
      changeDelivery.run();
    } else {
      changes.take(id);
    }
  }

  /** @param {{ choice: string, id: string }} decision about a message that is not sent */
  #decide({ choice, id: clientId }) {
    const { outbox, composer, delivery } = this.#room;
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
      this.#room.notices.toast("What you took back had been sent already.");
    }
  }
}

/** @returns {{ key: string, name: string }[]} the rooms that the page lists */
function listedRooms() {
  return [...document.querySelectorAll("a[data-room]")].map((link) => ({
    key: /** @type {HTMLElement} */ (link).dataset.room ?? "",
    name: link.querySelector("bdi")?.textContent ?? "",
  }));
}
