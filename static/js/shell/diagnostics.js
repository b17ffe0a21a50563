import { ConnectionInspector } from "../elements/connection-inspector.js";
import { MessageTrace } from "../elements/message-trace.js";
import { find, on } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { preciseNow, preciseTime } from "../helpers/time.js";
import { sleep } from "../helpers/timing.js";
import { keyOf } from "../models/message-grouping.js";
import { myTrace, theirTrace } from "../models/trace.js";
import { Command, Event as ServerEvent } from "../protocol.js";

/** @import { Message, MessageAccepted } from "../protocol.js" */
/** @import { OpenRoom } from "./open-room.js" */

/** To know the clocks when a connection is new. */
const PINGS = 5;
/** milliseconds */
const PING_PAUSE = 250;
/** milliseconds */
const PING_INTERVAL = 15_000;
/** Of what others say, one frame in this time is followed: a busy room costs no more than a quiet one. ms */
const SAMPLE_INTERVAL = 1_000;

/** Under the bonnet: how the connection does in figures, and which way a message came. */
export class Diagnostics {
  #room;
  #inspector = find(document, "connection-inspector", ConnectionInspector);
  /** When messages of others were followed last. */
  #sampled = Number.NEGATIVE_INFINITY;

  /** @param {OpenRoom} room */
  constructor(room) {
    this.#room = room;
    room.actions.push({
      label: gettext("Details"),
      isAvailable: ({ deleted }) => !deleted,
      run: (message, origin) => this.#showTrace(message, origin),
    });
  }

  connect() {
    const { connection, feed, outbox, delivery, key } = this.#room;
    on(delivery, "sending", (client_id) => this.#traceSending(client_id));
    on(delivery, "accepted", (accepted) => this.#traceAccepted(accepted));
    on(connection, "frame", (frame) => {
      if (frame.type === ServerEvent.ROOM_CHANGES && frame.room === key) {
        this.#traceArrival(frame.messages);
      }
    });
    on(feed, "live", () => {
      this.#measure();
      this.#inspect();
    });
    on(feed, "behind", () => this.#inspect());
    on(connection, "state", () => this.#inspect());
    on(outbox, "change", () => this.#inspect());
    this.#inspector.addEventListener("toggle", () => {
      this.#inspect();
      this.#ping();
    });
    this.#keepMeasuring();
  }

  get #isOpen() {
    return this.#inspector.matches(":popover-open");
  }

  #inspect() {
    if (!this.#isOpen) {
      return;
    }
    const { connection, feed, timeline, outbox, clock } = this.#room;
    const { hello, reconnects, state, bytes } = connection;
    const { estimate, roundTrips } = clock;
    const last = roundTrips.at(-1);
    const waiting = outbox.entries.filter((entry) => entry.state !== "failed").length;
    /** @type {[string, string][]} */
    const facts = [
      ["State", feed.isLive ? "live" : state.phase],
      ["Node", hello?.node ?? "–"],
      ["Round trip", last === undefined ? "–" : `${last.toFixed(1)} ms`],
      ["Clock", estimate ? `${signed(estimate.offset)} ms ± ${estimate.error.toFixed(1)}` : "–"],
      ["Last number", timeline.position.seq.toLocaleString()],
      ["Reconnects", String(reconnects)],
      ["Gaps filled", String(feed.gapsFilled)],
      ["Waiting to be sent", String(waiting)],
      ["Bytes in, out", `${bytes.in.toLocaleString()}, ${bytes.out.toLocaleString()}`],
    ];
    this.#inspector.show(facts, roundTrips);
  }

  // Clocks

  /** Several pings: the quickest knows best. */
  async #measure() {
    for (let count = 0; count < PINGS && this.#room.connection.isOpen; count += 1) {
      await this.#ping();
      await sleep(PING_PAUSE);
    }
  }

  async #ping() {
    const sent = preciseNow();
    try {
      const { time } = await this.#room.requests.ask({ type: Command.PING });
      this.#room.clock.add({ sent, server: preciseTime(time), received: preciseNow() });
    } catch {
      // The connection went; its end is shown elsewhere.
    }
    this.#inspect();
  }

  /** While someone looks, twice a second; else now and then. */
  #keepMeasuring() {
    setTimeout(
      async () => {
        if (document.visibilityState === "visible" && this.#room.feed.isLive) {
          await this.#ping();
        }
        this.#keepMeasuring();
      },
      this.#isOpen ? PING_PAUSE * 2 : PING_INTERVAL,
    );
  }

  // Ways

  /** @param {string} client_id */
  #traceSending(client_id) {
    this.#room.traces.sentAgain(keyOf(this.#room.me.id, client_id), preciseNow());
  }

  /** @param {MessageAccepted} accepted */
  #traceAccepted({ client_id, trace }) {
    const key = keyOf(this.#room.me.id, client_id);
    const received = preciseTime(trace.received);
    const committed = preciseTime(trace.committed);
    // A node of the version before does not say when it published.
    const published = preciseTime(trace.published ?? trace.committed);
    this.#room.traces.mark(key, { received, committed, published, back: preciseNow() });
    this.#markShown([key]);
  }

  /** @param {Message[]} messages that a frame brought just now: mine are followed, others sampled */
  #traceArrival(messages) {
    const back = preciseNow();
    const isSample = back - this.#sampled >= SAMPLE_INTERVAL;
    const isMine = (/** @type {Message} */ { author }) => author.id === this.#room.me.id;
    const fresh = messages.filter(
      (message) => message.seq === message.updated_seq && (isSample || isMine(message)),
    );
    if (!fresh.every(isMine)) {
      this.#sampled = back;
    }
    const keys = fresh.map(({ author, client_id, created_at }) => {
      const key = keyOf(author.id, client_id);
      this.#room.traces.mark(key, { created: preciseTime(created_at), back });
      return key;
    });
    this.#markShown(keys);
  }

  /** @param {string[]} keys of messages that the next frame of the screen shows */
  #markShown(keys) {
    if (keys.length === 0) {
      return;
    }
    // The page is drawn after this callback; the next task comes when it has been.
    requestAnimationFrame(() =>
      setTimeout(() => {
        for (const key of keys) {
          this.#room.traces.mark(key, { shown: preciseNow() });
        }
      }),
    );
  }

  /**
   * @param {Message} message
   * @param {HTMLElement} origin
   */
  #showTrace(message, origin) {
    const { me, traces, clock, connection } = this.#room;
    const { estimate } = clock;
    const mine = message.author.id === me.id;
    const marks = traces.of(keyOf(message.author.id, message.client_id)) ?? {};
    const trace = (mine ? myTrace : theirTrace)(marks, estimate?.offset ?? 0);
    const node = connection.hello?.node ?? "The node";
    const panel = find(document, "message-trace", MessageTrace);
    panel.show({ message, trace, mine, origin, clock: estimate, node });
  }
}

/** @param {number} value */
function signed(value) {
  const shown = Math.abs(value).toFixed(1);
  return shown === "0.0" ? shown : `${value < 0 ? "−" : "+"}${shown}`;
}
