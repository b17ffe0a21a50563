import { emit } from "../../../../../static/js/helpers/dom.js";
import { edgeName, laneOf, milliseconds, nameOf, perSecond, whole } from "../helpers/format.js";
import { movesLittle, svg } from "../helpers/svg.js";
import { between, ends, NARROW, WIDE } from "../helpers/topology-layout.js";
import { boxPart, edgePart, setLines } from "../helpers/topology-parts.js";

/** @import { BenchEvent, BenchState, EdgeState, Tab } from "../types.js" */
/** @import { Layout, Point } from "../helpers/topology-layout.js" */
/** @import { Part } from "../helpers/topology-parts.js" */

/** How long a message is on its way in the drawing. */
const TRAVEL_MS = 700;
/** Under load not every message is drawn. */
const DOTS_AT_ONCE = 14;
const NARROW_WIDTH = 520;

/**
 * What runs, what connects it, and what goes along the edges now. Emits `lab-target` with the name
 * of the process or edge that was chosen to be broken.
 */
export class LabTopology extends HTMLElement {
  /** @type {Layout} */
  #layout = WIDE;
  /** @type {BenchState | undefined} */
  #state;
  /** @type {Map<string, Part>} */
  #parts = new Map();
  #target = "";
  /** @type {Set<string>} */
  #watched = new Set();
  #dots = svg("g", { class: "topology-dots", "aria-hidden": "true" });
  #size = new ResizeObserver(() => this.#fit());

  connectedCallback() {
    this.#draw();
    this.#size.observe(this);
  }

  disconnectedCallback() {
    this.#size.disconnect();
  }

  /** @param {BenchState} state */
  set state(state) {
    const isFirst = !this.#state;
    this.#state = state;
    if (isFirst) {
      this.#draw();
    }
    this.#fill();
  }

  /** What the desk would break now. */
  set target(name) {
    this.#target = name;
    for (const [part, { element }] of this.#parts) {
      element.classList.toggle("is-target", part === name);
      element.setAttribute("aria-pressed", String(part === name));
    }
  }

  get target() {
    return this.#target;
  }

  /** @param {string[]} names of what a lab says to look at */
  set watched(names) {
    this.#watched = new Set(names);
    for (const [part, { element }] of this.#parts) {
      element.classList.toggle("is-watched", this.#watched.has(part));
    }
  }

  /**
   * Lets messages run along their edges.
   *
   * @param {BenchEvent[]} events
   */
  run(events) {
    for (const { lane, to, lost } of events) {
      if (to && this.#dots.childElementCount < DOTS_AT_ONCE) {
        this.#travel(lane, to, lost === true);
      }
    }
  }

  /**
   * @param {string} from
   * @param {string} to
   * @param {boolean} isLost
   */
  #travel(from, to, isLost) {
    const edge = this.#edgeBetween(from, to);
    if (!edge) {
      return;
    }
    const part = this.#parts.get(edge.name);
    part?.element.animate?.([{ opacity: 0.45 }, { opacity: 1 }], { duration: TRAVEL_MS });
    if (movesLittle()) {
      return;
    }
    const [a, b] = ends(this.#layout, edge.source, edge.target);
    const [start, end] = laneOf(edge.source) === from ? [a, b] : [b, a];
    const last = isLost ? between(start, end, 0.5) : end;
    const dot = svg("circle", { r: 5, class: isLost ? "is-lost" : "" });
    this.#dots.append(dot);
    const move = dot.animate(
      [place(start, 1), { ...place(last, 1), offset: 0.85 }, place(last, 0)],
      { duration: TRAVEL_MS, easing: "ease-in-out" },
    );
    move.addEventListener("finish", () => dot.remove());
    move.addEventListener("cancel", () => dot.remove());
  }

  /**
   * @param {string} from
   * @param {string} to
   */
  #edgeBetween(from, to) {
    return this.#state?.edges.find(
      ({ source, target }) =>
        (laneOf(source) === from && target === to) || (laneOf(source) === to && target === from),
    );
  }

  #fit() {
    const layout = this.clientWidth && this.clientWidth < NARROW_WIDTH ? NARROW : WIDE;
    if (layout !== this.#layout) {
      this.#layout = layout;
      this.#draw();
      this.#fill();
    }
  }

  #draw() {
    const { width, height, boxes } = this.#layout;
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group" });
    picture.setAttribute("aria-label", "What runs, and what connects it");
    this.#parts.clear();
    for (const edge of this.#state?.edges ?? []) {
      const part = edgePart(this.#layout, edge);
      this.#add(edge.name, part);
      picture.append(part.element);
    }
    for (const [name, box] of Object.entries(boxes)) {
      const part = boxPart(name, box);
      this.#add(name, part);
      picture.append(part.element);
    }
    picture.append(this.#dots);
    this.replaceChildren(picture);
    this.target = this.#target;
    this.watched = [...this.#watched];
  }

  /**
   * @param {string} name
   * @param {Part} part
   */
  #add(name, part) {
    this.#parts.set(name, part);
    const { element } = part;
    const choose = () => emit(this, "lab-target", name);
    element.addEventListener("click", choose);
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose();
      }
    });
  }

  #fill() {
    const state = this.#state;
    if (!state) {
      return;
    }
    for (const { lane, read } of firstOfEach(state.tabs)) {
      this.#say(lane, "", [read ? `has read to ${whole(read)}` : "reads nothing yet"]);
    }
    for (const node of state.nodes) {
      const behind = node.behind ? ` · ${whole(node.behind)} behind` : "";
      const mood = node.state !== "up" ? "bad" : node.degraded || node.behind ? "worse" : "good";
      this.#say(
        node.name,
        mood,
        node.state === "up"
          ? [
              `head ${whole(node.head)}${behind}`,
              node.degraded ? "degraded: polls" : `${whole(node.sockets)} sockets`,
              `lag ${milliseconds(node.lag_ms)} · ${Math.round(node.cpu * 100)} % cpu`,
            ]
          : [STATES[node.state] ?? node.state],
      );
    }
    const { redis, postgres } = state;
    this.#say("redis", redis.state === "up" ? "" : "bad", [
      redis.state === "up" ? "carries hints" : redis.state,
    ]);
    const isThere = postgres.state === "up";
    this.#say(
      "postgres",
      isThere ? "" : "bad",
      isThere
        ? [
            `head ${whole(postgres.head)}`,
            `commits ${perSecond(postgres.commits)}`,
            `fsync ${postgres.fsync ? "on" : "off"} · lock ${milliseconds(postgres.lock_ms)}`,
          ]
        : [STATES[postgres.state] ?? postgres.state],
    );
    for (const edge of state.edges) {
      this.#fillEdge(edge);
    }
  }

  /** @param {EdgeState} edge */
  #fillEdge(edge) {
    const part = this.#parts.get(edge.name);
    if (!part) {
      return;
    }
    const isCut = edge.cut || edge.silent;
    const isSlow = edge.delay_ms > 0 || edge.drop_share > 0;
    part.element.dataset.mood = isCut ? "bad" : isSlow ? "worse" : "";
    const isShort = this.#layout === NARROW && edge.target === "redis";
    const words = isCut
      ? edge.cut
        ? "cut"
        : "silent"
      : [
          isShort ? "" : perSecond(edge.rate),
          milliseconds(edge.latency_ms + edge.delay_ms),
          edge.drop_share ? `${Math.round(edge.drop_share * 100)} % dropped` : "",
        ]
          .filter(Boolean)
          .join(" · ");
    setLines(part, [words]);
    part.element.setAttribute("aria-label", `${edgeName(edge)}: ${words}`);
  }

  /**
   * @param {string} name
   * @param {string} mood
   * @param {string[]} lines
   */
  #say(name, mood, lines) {
    const part = this.#parts.get(name);
    if (part) {
      part.element.dataset.mood = mood;
      setLines(part, lines);
      part.element.setAttribute("aria-label", `${nameOf(name)}: ${lines.join(", ")}`);
    }
  }
}

/** @type {Record<string, string>} */
const STATES = {
  frozen: "frozen: no answers",
  down: "down",
  draining: "drains: says goodbye",
  paused: "paused",
};

/**
 * A person's page comes before the client of a lab that is the same person.
 *
 * @param {Tab[]} tabs
 */
function firstOfEach(tabs) {
  return [...new Map(tabs.toReversed().map((tab) => [tab.lane, tab])).values()];
}

/**
 * @param {Point} point
 * @param {number} opacity
 */
function place({ x, y }, opacity) {
  return { transform: `translate(${x}px, ${y}px)`, opacity };
}
