import { laneOf } from "./helpers/format.js";

/** @import { BenchEvent, BenchState } from "./types.js" */

/** Events beyond this many are forgotten, the oldest first. */
const KEPT = 3000;

/**
 * What the bench tells, as it comes: `state` twice a second, `events` as they happen, `rooms` when
 * the frames show another room, `lost` and `found` with the connection.
 */
export class Feed extends EventTarget {
  /** @type {BenchEvent[]} */
  events = [];
  /** @type {BenchState | undefined} */
  state;
  /** How much the bench's clock is ahead of this page's, in seconds. */
  clockAhead = 0;

  /** @param {EventSource} source */
  connect(source) {
    source.addEventListener("state", ({ data }) => {
      /** @type {BenchState} */
      const state = JSON.parse(data);
      this.clockAhead = state.at - Date.now() / 1000;
      this.state = state;
      this.#tell("state", this.state);
    });
    source.addEventListener("events", ({ data }) => {
      /** @type {BenchEvent[]} */
      const events = JSON.parse(data);
      for (const event of events) {
        event.lane = laneOf(event.lane);
        event.to = event.to && laneOf(event.to);
      }
      this.events.push(...events);
      this.events.splice(0, this.events.length - KEPT);
      this.#tell("events", events);
    });
    source.addEventListener("open", () => this.#tell("found", undefined));
    source.addEventListener("error", () => this.#tell("lost", undefined));
  }

  /** The bench's clock, in seconds since 1970. */
  now() {
    return Date.now() / 1000 + this.clockAhead;
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
