/**
 * What the lab's server tells, the structs of lab/bench and lab/labs. Times are seconds since 1970 on the
 * bench's one clock.
 *
 * @typedef {{ name: string, state: string, head: number, behind: number, degraded: boolean,
 *   sockets: number, lag_ms: number, cpu: number }} NodeState
 * @typedef {{ name: string, source: string, target: string, rate: number, latency_ms: number,
 *   cut: boolean, silent: boolean, delay_ms: number, drop_share: number, dropped: number }} EdgeState
 * @typedef {{ name: string, label: string, sentence: string, path: string, on: boolean }} Switch
 * @typedef {{ name: string, label: string, sentence: string, targets: string[] }} Fault
 * @typedef {{ lost: number, doubled: number, reordered: number, behind: number,
 *   divergent: number, ghosts: number, behind_lane: string, is_fresh: boolean, sentences: string[] }} Meter
 * @typedef {{ lane: string, read: number }} Tab
 * @typedef {{ at: number, room: string, nodes: NodeState[], edges: EdgeState[],
 *   redis: { state: string }, postgres: { state: string, head: number, commits: number,
 *   fsync: boolean, lock_ms: number }, switches: Switch[], meter: Meter, tabs: Tab[],
 *   load: { people: number, per_second: number } }} BenchState
 * @typedef {{ n: number, at: number, lane: string, kind: string, text: string, message?: string,
 *   room?: string, seq?: number, to?: string, arrived?: number, lost?: boolean }} BenchEvent
 * @typedef {{ word: "PASS" | "FAIL" | "INCONCLUSIVE", sentence: string,
 *   trace?: string[] }} Verdict
 * @typedef {{ label: string, watch: string, lights: string[], is_done: boolean }} Step
 * @typedef {{ href: string, text: string }} Link
 * @typedef {{ number: number, title: string, question: string, minutes: number,
 *   know_after: string[], predict: string, choices: string[], right: number, because: string,
 *   steps: { label: string, watch: string, lights: string[] }[], by_hand: string, switch: string,
 *   without: string, why: string, code_links: { symbol: string, path: string, line: number }[],
 *   adr: string, reading: [string, string][], think_on: string, done: boolean, acted: number,
 *   switch_label: string, progress: { predicted?: number | null, with_guarantee?: Verdict | null,
 *   without_guarantee?: Verdict | null } }} Sheet
 * @typedef {{ n: number, title: string, question: string, know_after: string[], minutes: number,
 *   ask: string, choices: string[], right: number, because: string, steps: Step[],
 *   by_hand: string, switch_label: string, without: string, why: string, links: Link[],
 *   think_on: string, predicted: number | null, on: Verdict | null, off: Verdict | null,
 *   is_done: boolean }} Lab
 * @typedef {{ label: string, lane: string, begin_ms: number, end_ms: number, note: string }} Hop
 * @typedef {{ room: string, seq: number, author: string, text: string, hops: Hop[],
 *   clocks: string }} Trace
 */
export {};
