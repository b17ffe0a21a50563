/** @import { BenchEvent, BenchState, Sheet, Verdict } from "../../../lab/web/static/lab/types.js" */

/** Seconds since 1970, as the bench counts them. */
export const AT = 1_700_000_000;

export const METER = {
  lost: 0,
  doubled: 0,
  reordered: 0,
  divergent: 0,
  ghosts: 0,
  behind: 0,
  behind_lane: "",
  is_fresh: true,
  sentences: /** @type {string[]} */ ([]),
};

/**
 * What a healthy bench tells.
 *
 * @param {Partial<BenchState>} changes
 * @returns {BenchState}
 */
export function state(changes = {}) {
  return {
    at: AT,
    room: "room-1",
    nodes: [1, 2].map((number) => ({
      name: `node-${number}`,
      state: "up",
      head: 1204,
      behind: 0,
      degraded: false,
      sockets: 2,
      lag_ms: 1.2,
      cpu: 0.1,
    })),
    edges: [1, 2].flatMap((number) => [
      edge(`people-${number}`, `people-${number}`, `node-${number}`),
      edge(`redis-${number}`, `node-${number}`, "redis"),
      edge(`postgres-${number}`, `node-${number}`, "postgres"),
    ]),
    redis: { state: "up" },
    postgres: { state: "up", head: 1204, commits: 3, fsync: true, lock_ms: 0.2 },
    switches: [
      {
        name: "head-poll",
        label: "Look at heads",
        sentence: "Off: only hints tell.",
        path: "chat/realtime/head_poller.py:46",
        on: true,
      },
    ],
    meter: METER,
    tabs: [
      { lane: "ada", read: 1204 },
      { lane: "bob", read: 1204 },
    ],
    load: { people: 0, per_second: 0 },
    ...changes,
  };
}

/**
 * @param {string} name
 * @param {string} source
 * @param {string} target
 */
export function edge(name, source, target, changes = {}) {
  return {
    name,
    source,
    target,
    rate: 2,
    latency_ms: 1,
    cut: false,
    silent: false,
    delay_ms: 0,
    drop_share: 0,
    dropped: 0,
    ...changes,
  };
}

/**
 * An arrow from Ada to node 1, unless it is said otherwise.
 *
 * @param {Partial<BenchEvent>} changes
 * @returns {BenchEvent}
 */
export function event(changes = {}) {
  return {
    n: 1,
    at: AT,
    lane: "ada",
    kind: "send",
    text: "room-1 says something",
    message: "ada-1",
    room: "room-1",
    seq: 0,
    to: "node-1",
    arrived: AT + 0.002,
    ...changes,
  };
}

/**
 * @param {Partial<Sheet>} changes
 * @returns {Sheet}
 */
export function sheet(changes = {}) {
  return {
    number: 4,
    title: "Hints are not truth",
    question: "<p>Redis stops. Will Bob &amp; Co ever see it?</p>",
    minutes: 12,
    know_after: ["what a hint is"],
    predict: "When does Bob see it?",
    choices: ["Never", "Within two seconds", "At once"],
    right: 1,
    because: "<p>Heads are looked at.</p>",
    steps: [
      { label: "Pause Redis", watch: "<p>Redis turns red.</p>", lights: ["redis"] },
      { label: "Send as Ada", watch: "<p>Bob’s page.</p>", lights: ["people-2"] },
    ],
    by_hand: "<p>Pause Redis.</p>",
    switch: "head-poll",
    switch_label: "Look at heads",
    without: "<p>Nobody looks.</p>",
    why: "<p>The log is the truth.</p>",
    code_links: [{ symbol: "HeadPoller.heads", path: "chat/realtime/head_poller.py", line: 46 }],
    adr: "0002-the-channel-layer-is-a-hint.md",
    reading: [["A book", "https://example.org/"]],
    think_on: "<p>And without a database?</p>",
    done: false,
    acted: 0,
    progress: {},
    ...changes,
  };
}

/** @type {Verdict} */
export const PASS = { word: "PASS", sentence: "Bob saw 1,204 in time." };
/** @type {Verdict} */
export const FAIL = {
  word: "FAIL",
  sentence: "Bob is 1 behind.",
  trace: ["0.0 ms ada → node-1: send"],
};
