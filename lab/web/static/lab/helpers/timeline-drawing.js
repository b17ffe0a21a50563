import { clockTime, nameOf } from "./format.js";
import { svg } from "./svg.js";

/** @import { BenchEvent } from "../types.js" */

/** From top to bottom. Others, such as the clients of a lab, come after them. */
const LANES = ["ada", "node-1", "postgres", "redis", "node-2", "bob"];
const LANES_MAX = 9;
const GUTTER = 84;
const TICKS = 5;
/** The newest arrows are drawn, so that a load does not fill the page. */
const DRAWN = 400;
/** Marks that stand closer than this share their words. */
const WORDS_APART = 60;

/**
 * @param {{ events: BenchEvent[], begin: number, end: number, isLive: boolean, width: number,
 *   height: number }} what
 * @returns {SVGSVGElement}
 */
export function drawTimeline({ events, begin, end, isLive, width, height }) {
  const lanes = lanesOf(events, begin);
  const step = (height - 24) / lanes.length;
  const drawing = new Drawing({ begin, end, width, height, lanes, step, isLive });
  drawing.frame();
  drawing.bands(events);
  const shown = events.filter(({ at, arrived }) => at <= end && (arrived || at) >= begin - 0.5);
  for (const event of shown.slice(-DRAWN)) {
    drawing.event(event);
  }
  drawing.picture.append(drawing.inside);
  return drawing.picture;
}

/**
 * @param {BenchEvent[]} events
 * @param {number} begin
 */
function lanesOf(events, begin) {
  const lanes = [...LANES];
  for (const { lane, to, at } of events) {
    for (const name of at >= begin ? [lane, to] : []) {
      if (name && name !== "bench" && !lanes.includes(name) && lanes.length < LANES_MAX) {
        lanes.push(name);
      }
    }
  }
  return lanes;
}

class Drawing {
  /**
   * @param {{ begin: number, end: number, width: number, height: number, lanes: string[],
   *   step: number, isLive: boolean }} scale
   */
  constructor(scale) {
    this.scale = scale;
    this.picture = svg("svg", { width: scale.width, height: scale.height, "aria-hidden": "true" });
    /** What lies in time; it ends where the names of lanes are. */
    this.inside = svg("svg", {
      x: GUTTER,
      y: 0,
      width: scale.width - GUTTER,
      height: scale.height,
    });
    this.inside.setAttribute("viewBox", `${GUTTER} 0 ${scale.width - GUTTER} ${scale.height}`);
    /** Where the last words of each lane end. */
    /** @type {Map<string, number>} */
    this.wordsTo = new Map();
  }

  /** @param {number} moment */
  x(moment) {
    const { begin, end, width } = this.scale;
    return GUTTER + ((moment - begin) / (end - begin)) * (width - GUTTER - 8);
  }

  /** @param {string} lane */
  y(lane) {
    const at = this.scale.lanes.indexOf(lane);
    return at < 0 ? undefined : (at + 0.5) * this.scale.step + 2;
  }

  frame() {
    const { begin, end, width, height, lanes, isLive } = this.scale;
    for (const lane of lanes) {
      const y = this.y(lane) ?? 0;
      this.picture.append(
        svg("text", { x: 0, y: y + 4, class: "timeline-lane" }, nameOf(lane)),
        svg("line", { x1: GUTTER, y1: y, x2: width - 8, y2: y, class: "timeline-line" }),
      );
    }
    for (let tick = 0; tick <= TICKS; tick += 1) {
      const ago = ((end - begin) * tick) / TICKS;
      const x = this.x(end - ago);
      const words = isLive ? liveTick(ago) : stoodTick(begin, end - ago);
      const anchor = tick === 0 ? "end" : tick === TICKS ? "start" : "middle";
      this.picture.append(
        svg("line", { x1: x, y1: 0, x2: x, y2: height - 20, class: "timeline-tick" }),
        svg("text", { x, y: height - 6, class: "timeline-time", "text-anchor": anchor }, words),
      );
    }
  }

  /**
   * What is broken, from the fault to its end.
   *
   * @param {BenchEvent[]} events
   */
  bands(events) {
    const { begin, end } = this.scale;
    /** @type {Map<string, BenchEvent[]>} */
    const open = new Map();
    for (const event of events) {
      if (event.kind === "fault") {
        open.set(event.lane, [...(open.get(event.lane) ?? []), event]);
      } else if (event.kind === "heal") {
        const healed = event.lane === "bench" ? [...open.keys()] : [event.lane];
        for (const lane of healed) {
          const faults = open.get(lane);
          open.delete(lane);
          if (faults && event.at > begin) {
            this.band(faults, event.at);
          }
        }
      }
    }
    for (const faults of open.values()) {
      this.band(faults, end);
    }
  }

  /**
   * @param {BenchEvent[]} faults of one lane; the first one began it
   * @param {number} until
   */
  band(faults, until) {
    const { begin, end, step } = this.scale;
    const shown = faults.filter(({ at }) => at <= end);
    const [first] = shown;
    const y = first ? this.y(first.lane) : undefined;
    if (!first || y === undefined) {
      return;
    }
    const from = this.x(Math.max(begin, first.at));
    const to = Math.max(from + 3, this.x(Math.min(end, until)));
    const high = Math.min(step - 4, 20);
    this.inside.append(
      svg("rect", {
        x: from,
        y: y - high / 2,
        width: to - from,
        height: high,
        rx: 3,
        class: "timeline-fault",
      }),
    );
    const words = [...new Set(shown.map(({ text }) => text))].join(" · ");
    this.words(first.lane, from + 6, y + 4, words, "is-fault");
  }

  /** @param {BenchEvent} event */
  event(event) {
    const y = this.y(event.lane);
    if (y === undefined) {
      return;
    }
    const group = svg("g", { class: `timeline-event is-${event.kind}` });
    if (event.seq && event.room) {
      group.dataset.room = event.room;
      group.dataset.seq = String(event.seq);
      group.classList.add("can-trace");
    }
    group.append(svg("title", {}, event.text));
    const to = event.to ? this.y(event.to) : undefined;
    if (to !== undefined) {
      this.arrow(group, event, y, to);
    } else if (event.kind === "commit") {
      const x = this.x(event.at);
      group.append(svg("rect", { x: x - 6, y: y - 5, width: 12, height: 10, rx: 2 }));
      if (event.seq) {
        this.words(event.lane, x + 10, y - 7, event.seq.toLocaleString("en"), "is-seq");
      }
    } else if (event.kind === "fault" || event.kind === "heal") {
      return;
    } else {
      const x = this.x(event.at);
      group.append(svg("line", { x1: x, y1: y - 6, x2: x, y2: y + 6, class: "timeline-mark" }));
      if (event.kind === "switch" || event.kind === "state") {
        this.words(event.lane, x + 4, y - 8, event.text, `is-${event.kind}`);
      }
    }
    this.inside.append(group);
  }

  /**
   * @param {SVGGElement} group
   * @param {BenchEvent} event
   * @param {number} y1
   * @param {number} y2
   */
  arrow(group, event, y1, y2) {
    const x1 = this.x(event.at);
    const whole = this.x(event.arrived || event.at);
    const x2 = event.lost ? x1 + 12 : Math.max(whole, x1 + 2);
    const end = event.lost ? y1 + (y2 - y1) * 0.6 : y2;
    const line = { x1, y1, x2, y2: end };
    group.append(svg("line", { ...line, class: "timeline-reach" }));
    group.append(svg("line", { ...line, class: event.lost ? "is-lost" : "timeline-arrow" }));
    if (event.lost) {
      const d = `M${x2 - 4} ${end - 4}l8 8m0 -8l-8 8`;
      group.append(svg("path", { d, class: "is-lost" }));
      this.words(event.lane, x2 + 8, end + 3, `${event.text} lost`, "is-fault");
    } else {
      group.append(svg("path", { d: head(x1, y1, x2, end), class: "timeline-tip" }));
    }
  }

  /**
   * @param {string} lane
   * @param {number} x
   * @param {number} y
   * @param {string} text
   * @param {string} kind
   */
  words(lane, x, y, text, kind) {
    const { width } = this.scale;
    const key = `${lane} ${Math.round(y)}`;
    if (x < (this.wordsTo.get(key) ?? 0) || x > width - WORDS_APART / 2) {
      return;
    }
    this.wordsTo.set(key, x + Math.max(WORDS_APART / 2, text.length * 6));
    this.inside.append(svg("text", { x, y, class: `timeline-words ${kind}` }, text));
  }
}

/**
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function head(x1, y1, x2, y2) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const [left, right] = [angle + Math.PI - 0.4, angle + Math.PI + 0.4].map(
    (at) => `${(x2 + 8 * Math.cos(at)).toFixed(1)} ${(y2 + 8 * Math.sin(at)).toFixed(1)}`,
  );
  return `M${x2.toFixed(1)} ${y2.toFixed(1)}L${left}L${right}Z`;
}

/** @param {number} ago */
function seconds(ago) {
  return ago < 1
    ? `${Number((ago * 1000).toFixed(ago < 0.01 ? 1 : 0))} ms`
    : `${Number(ago.toFixed(2))} s`;
}

/**
 * The time that the newest whole message took, with some room around it.
 *
 * @param {BenchEvent[]} events
 * @returns {{ begin: number, end: number } | undefined}
 */
export function lastMessage(events) {
  const last = events.findLast(({ kind, message }) => kind === "send" && message);
  if (!last) {
    return undefined;
  }
  const way = events.filter(({ message }) => message === last.message);
  const begin = Math.min(...way.map(({ at }) => at));
  const end = Math.max(begin + 0.002, ...way.map(({ at, arrived }) => Math.max(at, arrived ?? 0)));
  const margin = (end - begin) * 0.15;
  return { begin: begin - margin, end: end + margin };
}

/** @param {number} ago */
function liveTick(ago) {
  return ago ? `−${seconds(ago)}` : "now";
}

/**
 * @param {number} begin
 * @param {number} moment
 */
function stoodTick(begin, moment) {
  const since = moment - begin;
  return since < 1e-6 ? clockTime(begin) : `+${seconds(since)}`;
}
