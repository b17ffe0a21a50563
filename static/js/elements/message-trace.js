import { make } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { fullTime } from "../helpers/time.js";

/** @import { Message } from "../protocol.js" */
/** @import { Trace } from "../models/trace.js" */

/** Pixels. */
const DISTANCE = 6;

/** The way of one message, from the key that was pressed to the screen, as a waterfall. */
export class MessageTrace extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (/** @type {Element} */ (event.target).closest("button")) {
        this.hidePopover();
      }
    });
  }

  /**
   * @param {{
   *   message: Message, trace: Trace | null, mine: boolean, origin: HTMLElement,
   *   clock: { offset: number, error: number, count: number } | null, node: string,
   * }} what
   */
  show({ message, trace, mine, origin, clock, node }) {
    const close = make(
      "button",
      { type: "button", className: "button is-small" },
      gettext("Close"),
    );
    this.replaceChildren(
      make(
        "h2",
        { id: "trace-title" },
        interpolate(gettext("Delivery trace of message {seq}"), {
          seq: message.seq.toLocaleString(),
        }),
      ),
      make("p", { className: "trace-when" }, fullTime(new Date(message.created_at))),
      ...(trace ? [table(trace), ...doubts(trace, clock, mine, node)] : [unknown(mine)]),
      close,
    );
    this.showPopover();
    this.#position(origin);
    close.focus();
  }

  /** @param {HTMLElement} origin */
  #position(origin) {
    const place = origin.getBoundingClientRect();
    const size = this.getBoundingClientRect();
    const below = place.bottom + DISTANCE;
    const top = below + size.height > innerHeight ? place.top - size.height - DISTANCE : below;
    const left = Math.min(place.left, innerWidth - size.width - DISTANCE);
    this.style.setProperty("top", `${Math.max(DISTANCE, top)}px`);
    this.style.setProperty("left", `${Math.max(DISTANCE, left)}px`);
  }
}

/** @param {Trace} trace */
function table({ hops, total }) {
  const rows = hops.map(({ name, start, length, estimated }) => {
    const bar = make("span", { className: estimated ? "trace-bar is-estimated" : "trace-bar" });
    const whole = total || 1;
    bar.style.setProperty("margin-inline-start", `${(start / whole) * 100}%`);
    bar.style.setProperty("inline-size", `${Math.max(0.5, (length / whole) * 100)}%`);
    const head = make("th", { scope: "row" }, name);
    return make("tr", {}, head, make("td", {}, milliseconds(length)), track(bar));
  });
  const sum = make("th", { scope: "row" }, gettext("In all"));
  return make(
    "table",
    { className: "trace-hops" },
    make("tbody", {}, ...rows),
    make("tfoot", {}, make("tr", {}, sum, make("td", {}, milliseconds(total)), make("td", {}))),
  );
}

/** @param {HTMLElement} bar */
function track(bar) {
  const cell = make("td", { className: "trace-track" }, bar);
  cell.ariaHidden = "true";
  return cell;
}

/**
 * How sure this is, in words.
 *
 * @param {Trace} trace
 * @param {{ offset: number, error: number, count: number } | null} clock
 * @param {boolean} mine
 * @param {string} node
 */
function doubts({ hops }, clock, mine, node) {
  const texts = [];
  if (hops.some(({ estimated }) => estimated) && clock) {
    const difference =
      clock.offset < 0
        ? gettext(
            "The clock of {node} is {offset} behind yours, ± {error}: half the quickest of {count} round trips.",
          )
        : gettext(
            "The clock of {node} is {offset} ahead of yours, ± {error}: half the quickest of {count} round trips.",
          );
    const offset = milliseconds(Math.abs(clock.offset));
    texts.push(
      interpolate(difference, {
        node,
        offset,
        error: milliseconds(clock.error),
        count: clock.count,
      }),
      gettext("The pale hops may be wrong by as much; the others are exact, and so is the sum."),
    );
  }
  texts.push(
    mine
      ? gettext("You saw it at once, marked as being sent: this is how long until it was certain.")
      : gettext("What happened before the log is known to its author only."),
  );
  return texts.map((text) => make("p", {}, text));
}

/** @param {boolean} mine */
function unknown(mine) {
  return make(
    "p",
    {},
    mine
      ? gettext(
          "It was sent from another page, or before this one was opened. Its trace is not known here.",
        )
      : gettext(
          "Its trace is not known here: of what others say, one message a second is followed.",
        ),
  );
}

/** @param {number} length */
function milliseconds(length) {
  const digits = length < 9.95 ? 2 : length < 99.5 ? 1 : 0;
  return `${length.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ms`;
}
