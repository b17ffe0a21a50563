import { emit, make } from "../../../../../static/js/helpers/dom.js";
import { clockTime, nameOf } from "../helpers/format.js";
import { movesLittle } from "../helpers/svg.js";
import { drawTimeline, lastMessage } from "../helpers/timeline-drawing.js";

/** @import { BenchEvent } from "../types.js" */
/** @import { Feed } from "../feed.js" */

const SPANS = [1, 5, 20, 60];
const FIRST_SPAN = 5;
/** How often the drawing moves on. */
const REDRAWN_MS = 100;
const REDRAWN_CALMLY_MS = 1000;
/** So many rows has the list. */
const LISTED = 200;

/**
 * What happened, as a diagram in space and time or as a list. Emits `lab-trace` with the room and
 * number of a message that was clicked.
 */
export class LabTimeline extends HTMLElement {
  /** @type {Feed | undefined} */
  feed;
  #span = FIRST_SPAN;
  /** The moment at the right edge while it stands still; 0 while it runs. */
  #stoodAt = 0;
  #isList = false;
  #drawnAt = 0;
  #frame = 0;
  #listedTo = 0;

  #picture = make("div", { className: "timeline-picture", tabIndex: 0 });
  #list = make("ol", { className: "timeline-list", tabIndex: 0, hidden: true });
  #pause = make("button", { type: "button", className: "button is-small", textContent: "Pause" });
  #spans = make("div", { className: "segments", role: "group", ariaLabel: "Time shown" });
  #views = make("div", { className: "segments", role: "group", ariaLabel: "Shown as" });
  #size = new ResizeObserver(() => {
    this.#drawnAt = 0;
  });

  connectedCallback() {
    this.#build();
    this.#size.observe(this.#picture);
    this.#frame = requestAnimationFrame(this.#tick);
  }

  disconnectedCallback() {
    this.#size.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  #build() {
    this.#picture.setAttribute("role", "group");
    this.#picture.setAttribute(
      "aria-label",
      "Timeline: one line a process, time runs to the right. Arrow keys move it, plus and minus zoom.",
    );
    this.#list.setAttribute("aria-label", "Events, newest first");
    for (const seconds of SPANS) {
      this.#spans.append(
        segment(`${seconds} s`, seconds === this.#span, () => this.#zoom(seconds)),
      );
    }
    this.#views.append(
      segment("Diagram", true, () => this.#show(false)),
      segment("List", false, () => this.#show(true)),
    );
    const last = make("button", {
      type: "button",
      className: "button is-small",
      textContent: "Last message",
      title: "Zoom to the way of the last message, and pause",
    });
    last.addEventListener("click", () => this.#showLast());
    this.#pause.addEventListener("click", () => this.#stand(this.#stoodAt ? 0 : this.#now()));
    const save = make("button", {
      type: "button",
      className: "button is-small is-quiet",
      textContent: "Export",
      title: "All events as JSON",
    });
    save.addEventListener("click", () => this.#export());
    this.#picture.addEventListener("click", (event) => this.#choose(event));
    this.#picture.addEventListener("keydown", (event) => this.#key(event));
    this.#picture.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#list.addEventListener("click", (event) => this.#choose(event));
    this.replaceChildren(
      make(
        "div",
        { className: "timeline-head" },
        make("h2", { className: "label", textContent: "Timeline" }),
        this.#views,
        this.#spans,
        last,
        this.#pause,
        save,
      ),
      this.#picture,
      this.#list,
    );
  }

  #now() {
    return this.feed?.now() ?? Date.now() / 1000;
  }

  #tick = () => {
    this.#frame = requestAnimationFrame(this.#tick);
    const pause = movesLittle() ? REDRAWN_CALMLY_MS : REDRAWN_MS;
    const moment = performance.now();
    if (moment - this.#drawnAt < pause || (this.#stoodAt && this.#drawnAt)) {
      return;
    }
    this.#drawnAt = moment;
    if (this.#isList) {
      this.#fillList();
    } else {
      this.#draw();
    }
  };

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#picture;
    if (width && height) {
      const end = this.#stoodAt || this.#now();
      const events = this.feed?.events ?? [];
      const begin = end - this.#span;
      const isLive = !this.#stoodAt;
      const drawing = drawTimeline({ events, begin, end, isLive, width, height });
      const focused = this.#picture.contains(document.activeElement) && document.activeElement;
      this.#picture.replaceChildren(drawing);
      if (focused && focused !== this.#picture) {
        this.#picture.focus();
      }
    }
  }

  #fillList() {
    const events = this.feed?.events ?? [];
    const last = events.at(-1)?.n ?? 0;
    if (
      last !== this.#listedTo &&
      !this.#list.contains(document.activeElement?.closest("button") ?? null)
    ) {
      this.#listedTo = last;
      this.#list.replaceChildren(...events.slice(-LISTED).reverse().map(row));
    }
  }

  /** @param {boolean} asList */
  #show(asList) {
    this.#isList = asList;
    this.#list.hidden = !asList;
    this.#picture.hidden = asList;
    this.#spans.hidden = asList;
    this.#listedTo = 0;
    this.#drawnAt = 0;
    press(this.#views, asList ? 1 : 0);
  }

  /** @param {number} seconds */
  #zoom(seconds) {
    this.#span = seconds;
    this.#drawnAt = 0;
    press(this.#spans, SPANS.indexOf(seconds));
  }

  #showLast() {
    const way = lastMessage(this.feed?.events ?? []);
    if (way) {
      this.#show(false);
      this.#zoom(way.end - way.begin);
      this.#stand(way.end);
    }
  }

  /** @param {number} moment where it stands, or 0 to run on */
  #stand(moment) {
    this.#stoodAt = moment;
    if (!moment && !SPANS.includes(this.#span)) {
      this.#zoom(FIRST_SPAN);
    }
    this.#drawnAt = 0;
    this.#pause.textContent = moment ? "Go live" : "Pause";
    this.#pause.setAttribute("aria-pressed", String(Boolean(moment)));
  }

  /** @param {number} share of the time shown */
  #move(share) {
    const at = (this.#stoodAt || this.#now()) + share * this.#span;
    this.#stand(at >= this.#now() ? 0 : at);
  }

  /** What comes now is to be seen. */
  resume() {
    if (this.#stoodAt) {
      this.#stand(0);
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const wider = SPANS.find((span) => span > this.#span) ?? this.#span * 2;
    const act = {
      ArrowLeft: () => this.#move(-0.25),
      ArrowRight: () => this.#move(0.25),
      "+": () => this.#zoom(SPANS.findLast((span) => span < this.#span) ?? this.#span / 2),
      "-": () => this.#zoom(Math.min(wider, 60)),
      " ": () => this.#stand(this.#stoodAt ? 0 : this.#now()),
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.#move(event.deltaX / (this.#picture.clientWidth || 1));
    }
  }

  /** @param {Event} event */
  #choose({ target }) {
    const part = target instanceof Element ? target.closest("[data-seq]") : null;
    if (part) {
      const { room, seq } = /** @type {HTMLElement | SVGElement} */ (part).dataset;
      emit(this, "lab-trace", { room, seq: Number(seq) });
    }
  }

  #export() {
    const text = JSON.stringify(this.feed?.events ?? [], null, 1);
    const link = make("a", {
      href: URL.createObjectURL(new Blob([text], { type: "application/json" })),
      download: "lab-timeline.json",
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}

/**
 * @param {string} text
 * @param {boolean} isPressed
 * @param {() => void} then
 */
function segment(text, isPressed, then) {
  const button = make("button", { type: "button", textContent: text });
  button.setAttribute("aria-pressed", String(isPressed));
  button.addEventListener("click", then);
  return button;
}

/**
 * @param {HTMLElement} segments
 * @param {number} at
 */
function press(segments, at) {
  for (const [index, button] of [...segments.children].entries()) {
    button.setAttribute("aria-pressed", String(index === at));
  }
}

/** @param {BenchEvent} event */
function row(event) {
  const words = event.to
    ? `${nameOf(event.lane)} → ${nameOf(event.to)}: ${event.text}${event.lost ? ", lost" : ""}`
    : `${nameOf(event.lane)}: ${event.text}`;
  const time = make("time", { textContent: clockTime(event.at) });
  const item = make("li", { className: `is-${event.kind}` }, time);
  if (event.seq && event.room) {
    const button = make("button", { type: "button", textContent: words, title: "Delivery trace" });
    button.dataset.room = event.room;
    button.dataset.seq = String(event.seq);
    item.append(button);
  } else {
    item.append(make("span", { textContent: words }));
  }
  return item;
}
