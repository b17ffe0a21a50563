import { ConnectionInspector } from "../elements/connection-inspector.js";
import { MessageTrace } from "../elements/message-trace.js";
import { find, on } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { preciseNow, preciseTime } from "../helpers/time.js";
import { sleep } from "../helpers/timing.js";
import { keyOf } from "../models/message-grouping.js";
import { myTrace, theirTrace } from "../models/trace.js";
import { Command, Event as ServerEvent } from "../protocol.js";
import { stateLabel } from "./connection-status.js";

/** @import { Message, MessageAccepted } from "../protocol.js" */
/** @import { Action } from "./message-actions.js" */
/** @import { Clock } from "../models/clock.js" */
/** @import { Traces } from "../models/trace.js" */
/** @import { MemberRef } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

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
  #parts;
  #myId;
  #inspector = find(document, "connection-inspector", ConnectionInspector);
  /** When messages of others were followed last. */
  #sampled = Number.NEGATIVE_INFINITY;

  /**
   * @param {{
   *   me: MemberRef | null, current: CurrentRoom, sessions: RoomSessions, connection: Connection,
   *   requests: Requests, actions: Action[], clock: Clock, traces: Traces,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#myId = parts.me?.id ?? 0;
    // A visitor's messages have no menu.
    if (parts.me) {
      parts.actions.push({
        label: gettext("Details"),
        isAvailable: ({ deleted }) => !deleted,
        run: (message, origin) => this.#showTrace(message, origin),
      });
    }
  }

  connect() {
    const { connection, current, sessions } = this.#parts;
    sessions.follow(({ delivery }) => {
      on(delivery, "sending", (client_id) => this.#traceSending(client_id));
      on(delivery, "accepted", (accepted) => this.#traceAccepted(accepted));
    });
    on(connection, "frame", (frame) => {
      if (frame.type === ServerEvent.ROOM_CHANGES && frame.room === current.session.key) {
        this.#traceArrival(frame.messages);
      }
    });
    on(connection, "state", () => {
      this.#inspect();
      if (connection.isOpen) {
        this.#measure();
      }
    });
    current.follow(({ feed, outbox }, signal) => {
      for (const [source, name] of /** @type {[EventTarget, string][]} */ ([
        [feed, "live"],
        [feed, "behind"],
        [outbox, "change"],
      ])) {
        on(source, name, () => this.#inspect(), signal);
      }
      this.#inspect();
    });
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
    const { connection, clock, current } = this.#parts;
    const { feed, timeline, outbox } = current.session;
    const { hello, reconnects, state, bytes } = connection;
    const { estimate, roundTrips } = clock;
    const last = roundTrips.at(-1);
    const waiting = outbox.entries.filter((entry) => entry.state !== "failed").length;
    /** @type {[string, string][]} */
    const facts = [
      [gettext("State"), stateLabel(feed.isLive, state)],
      [gettext("Node"), hello?.node ?? "–"],
      [gettext("Round trip"), last === undefined ? "–" : `${last.toFixed(1)} ms`],
      [
        gettext("Clock"),
        estimate ? `${signed(estimate.offset)} ms ± ${estimate.error.toFixed(1)}` : "–",
      ],
      [gettext("Last number"), timeline.position.seq.toLocaleString()],
      [gettext("Reconnects"), String(reconnects)],
      [gettext("Gaps filled"), String(feed.gapsFilled)],
      [gettext("Waiting to be sent"), String(waiting)],
      [gettext("Bytes in, out"), `${bytes.in.toLocaleString()}, ${bytes.out.toLocaleString()}`],
    ];
    this.#inspector.show(facts, roundTrips);
  }

  // Clocks

  /** Several pings: the quickest knows best. */
  async #measure() {
    for (let count = 0; count < PINGS && this.#parts.connection.isOpen; count += 1) {
      await this.#ping();
      await sleep(PING_PAUSE);
    }
  }

  async #ping() {
    const sent = preciseNow();
    try {
      const { time } = await this.#parts.requests.ask({ type: Command.PING });
      this.#parts.clock.add({ sent, server: preciseTime(time), received: preciseNow() });
    } catch {
      // The connection went; its end is shown elsewhere.
    }
    this.#inspect();
  }

  /** While someone looks, twice a second; else now and then. */
  #keepMeasuring() {
    setTimeout(
      async () => {
        if (document.visibilityState === "visible" && this.#parts.connection.isOpen) {
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
    this.#parts.traces.sentAgain(keyOf(this.#myId, client_id), preciseNow());
  }

  /** @param {MessageAccepted} accepted */
  #traceAccepted({ client_id, trace }) {
    const key = keyOf(this.#myId, client_id);
    const received = preciseTime(trace.received);
    const committed = preciseTime(trace.committed);
    // A node of the version before does not say when it published.
    const published = preciseTime(trace.published ?? trace.committed);
    this.#parts.traces.mark(key, { received, committed, published, back: preciseNow() });
    this.#markShown([key]);
  }

  /** @param {Message[]} messages that a frame brought just now: mine are followed, others sampled */
  #traceArrival(messages) {
    const back = preciseNow();
    const isSample = back - this.#sampled >= SAMPLE_INTERVAL;
    const isMine = (/** @type {Message} */ { author }) => author.id === this.#myId;
    const fresh = messages.filter(
      (message) => message.seq === message.updated_seq && (isSample || isMine(message)),
    );
    if (!fresh.every(isMine)) {
      this.#sampled = back;
    }
    const keys = fresh.map(({ author, client_id, created_at }) => {
      const key = keyOf(author.id, client_id);
      this.#parts.traces.mark(key, { created: preciseTime(created_at), back });
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
          this.#parts.traces.mark(key, { shown: preciseNow() });
        }
      }),
    );
  }

  /**
   * @param {Message} message
   * @param {HTMLElement} origin
   */
  #showTrace(message, origin) {
    const { traces, clock, connection } = this.#parts;
    const { estimate } = clock;
    const mine = message.author.id === this.#myId;
    const marks = traces.of(keyOf(message.author.id, message.client_id)) ?? {};
    const trace = (mine ? myTrace : theirTrace)(marks, estimate?.offset ?? 0);
    const node = connection.hello?.node ?? gettext("The node");
    const panel = find(document, "message-trace", MessageTrace);
    panel.show({ message, trace, mine, origin, clock: estimate, node });
  }
}

/** @param {number} value */
function signed(value) {
  const shown = Math.abs(value).toFixed(1);
  return shown === "0.0" ? shown : `${value < 0 ? "−" : "+"}${shown}`;
}
