import { cleanText } from "../helpers/text.js";
import { CloseCode, Command, isFinal, Event as ServerEvent } from "../protocol.js";
import { Backoff } from "./backoff.js";
import { browserTimers, Heartbeat } from "./heartbeat.js";

/** @import { Frame, Hello } from "../protocol.js" */
/** @import { Timers } from "./heartbeat.js" */

/** No `hello` within this time is a failed attempt. Milliseconds. */
const HELLO_DEADLINE = 10_000;
/** A connection that lasted this long forgives earlier failures. Milliseconds. */
const STABLE_AFTER = 60_000;

/**
 * @typedef {"connecting" | "open" | "waiting" | "ended"} Phase
 * @typedef {{ phase: Phase, retryAt?: number, code?: number, reason?: string }} ConnectionState
 *   `retryAt`: a waiting connection's next attempt, in milliseconds of Date.now()
 */

/**
 * One tab's WebSocket, kept alive. Dispatches `state` when its phase changes, and `frame`
 * (detail: the frame) for everything the server says while it is open.
 */
export class Connection extends EventTarget {
  /** @type {ConnectionState} */
  state = { phase: "waiting" };
  /** @type {Hello | null} */
  hello = null;
  /** How often the connection was lost and came back. */
  reconnects = 0;
  /** What came and went, in bytes of text. */
  bytes = { in: 0, out: 0 };

  #url;
  #backoff;
  #heartbeat;
  #timers;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {any} */
  #deadline = null;
  /** @type {any} */
  #retry = null;
  /** @type {any} */
  #stable = null;
  /** @type {Frame | null} */
  #bye = null;
  /** A server that named a time to come back is not asked earlier. Milliseconds of Date.now(). */
  #notBefore = 0;

  /**
   * @param {string} url
   * @param {{ backoff?: Backoff, heartbeat?: Heartbeat, timers?: Timers }} parts
   */
  constructor(url, { backoff, heartbeat, timers = browserTimers } = {}) {
    super();
    this.#url = url;
    this.#timers = timers;
    this.#backoff = backoff ?? new Backoff();
    this.#heartbeat = heartbeat ?? new Heartbeat(timers);
    this.#heartbeat.addEventListener("probe", () =>
      this.send({ type: Command.PING, ref: "probe" }),
    );
    this.#heartbeat.addEventListener("dead", () => this.#lose(1006, "no sign of life"));
  }

  get isOpen() {
    return this.state.phase === "open";
  }

  open() {
    this.#timers.clearTimeout(this.#retry);
    this.#become({ phase: "connecting" });
    this.#bye = null;
    this.#deadline = this.#timers.setTimeout(() => this.#lose(1006, "no answer"), HELLO_DEADLINE);

    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    // A socket that was given up may still speak: only the present one is listened to.
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) {
        this.bytes.in += sizeOf(data);
        this.#receive(JSON.parse(data));
      }
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (socket === this.#socket) {
        this.#lose(this.#bye?.code ?? code, this.#bye?.reason ?? reason);
      }
    });
  }

  /** Tries at once what would be tried later anyway. */
  hurry() {
    if (this.state.phase === "waiting" && Date.now() >= this.#notBefore) {
      this.open();
    }
  }

  /** The tab woke up, or the network changed: is the other side still there? */
  check() {
    if (this.isOpen) {
      this.#heartbeat.probe();
    } else {
      this.hurry();
    }
  }

  /**
   * @param {Frame} frame
   * @returns {boolean} whether it was handed to the network
   */
  send(frame) {
    if (!this.isOpen || this.#socket?.readyState !== WebSocket.OPEN) {
      return false;
    }
    const text = JSON.stringify(frame, cleaned);
    this.bytes.out += sizeOf(text);
    this.#socket.send(text);
    return true;
  }

  /** @param {Frame} frame */
  #receive(frame) {
    this.#heartbeat.heard();
    if (frame.type === ServerEvent.HELLO) {
      this.#greet(/** @type {Hello} */ (/** @type {unknown} */ (frame)));
    } else if (frame.type === ServerEvent.BYE) {
      this.#bye = frame;
    }
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  /** @param {Hello} hello */
  #greet(hello) {
    this.#timers.clearTimeout(this.#deadline);
    this.reconnects += this.hello ? 1 : 0;
    this.hello = hello;
    this.#heartbeat.start();
    this.#stable = this.#timers.setTimeout(() => this.#backoff.reset(), STABLE_AFTER);
    this.#become({ phase: "open" });
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #lose(code, reason) {
    const socket = this.#socket;
    this.#socket = null;
    // Not awaited: a dead peer would keep us waiting for its half of the closing handshake.
    socket?.close();
    this.#heartbeat.stop();
    this.#timers.clearTimeout(this.#deadline);
    this.#timers.clearTimeout(this.#stable);
    if (isFinal(code)) {
      this.#become({ phase: "ended", code, reason });
    } else {
      this.#waitToComeBack(code, reason);
    }
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #waitToComeBack(code, reason) {
    const asked = this.#bye?.retry_ms ?? 0;
    const delay = asked + this.#backoff.next();
    this.#notBefore = code === CloseCode.RATE ? Date.now() + asked : 0;
    this.#retry = this.#timers.setTimeout(() => this.open(), delay);
    this.#become({ phase: "waiting", retryAt: Date.now() + delay, code, reason });
  }

  /** @param {ConnectionState} state */
  #become(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}

/** What people write: it is cleaned on its way out, wherever on the page it was written. */
const WRITTEN = new Set(["body", "reason"]);

/**
 * @param {string} name
 * @param {unknown} value
 */
function cleaned(name, value) {
  return WRITTEN.has(name) && typeof value === "string" ? cleanText(value) : value;
}

const encoder = new TextEncoder();

/** @param {string} text */
function sizeOf(text) {
  return encoder.encode(text).length;
}
