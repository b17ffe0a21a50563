import { hear } from "../helpers/dom.js";
import { newClientId } from "../helpers/ids.js";
import { keyOf } from "../models/layout.js";
import { Command } from "../protocol.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { OpenRoom } from "./open-room.js" */

/** Whoever spoke within so many messages is called by name the likeliest. */
const RECENT = 200;

/** From the composer through the outbox to the server; and back, where something failed. */
export class Writing {
  #room;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
  }

  follow() {
    const { composer, list, outbox, timeline, feed, delivery, connection } = this.#room;
    composer.open({
      limit: this.#room.boot.limits.body,
      shelf: this.#room.shelf,
      draftKey: `draft:${this.#room.owner}`,
      known: () => this.#known(),
    });
    hear(composer, "message-send", (message) => this.#say(message));
    hear(composer, "message-edit", (edit) => this.#edit(edit));
    hear(composer, "edit-last-wanted", () => this.#editLast());
    hear(composer, "typing", () => {
      connection.send({ type: Command.START_TYPING, room: this.#room.key });
    });
    hear(list, "outbox-choice", (decision) => this.#decide(decision));
    hear(feed, "live", () => delivery.run());
    hear(timeline, "change", () => this.#room.settle());
    addEventListener("storage", ({ key }) => {
      if (key?.startsWith("outbox:")) {
        outbox.refresh();
      }
    });
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
    const { outbox, list, delivery, journeys, me } = this.#room;
    const client_id = newClientId();
    journeys.mark(keyOf(me.id, client_id), { typed });
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
        this.#room.composer.edit({ ...message, body });
      }
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

  /** @param {{ choice: string, clientId: string }} decision about a message that failed */
  #decide({ choice, clientId }) {
    const { outbox, composer, delivery } = this.#room;
    if (choice === "retry") {
      outbox.waiting(clientId);
      delivery.run();
    } else {
      const entry = outbox.take(clientId);
      if (choice === "edit" && entry) {
        composer.revise(entry.body);
      }
    }
    composer.focus();
  }
}
