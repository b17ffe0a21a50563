/**
 * What the lab's server tells, as lab/web/shapes.py writes it. Times are seconds since 1970 on the
 * bench's one clock.
 *
 * @typedef {{ name: string, state: string, head: number, behind: number, degraded: boolean,
 *   sockets: number, lag_ms: number, cpu: number }} NodeState
 * @typedef {{ name: string, source: string, target: string, rate: number, latency_ms: number,
 *   cut: boolean, silent: boolean, delay_ms: number, drop_share: number, dropped: number }} EdgeState
 * @typedef {{ name: string, label: string, sentence: string, path: string, on: boolean }} Switch
 * @typedef {{ name: string, label: string, sentence: string, targets: string[] }} Fault
 * @typedef {{ lost: number, doubled: number, reordered: number, behind: number,
 *   divergent: number, sentences: string[] }} Meter
 * @typedef {{ lane: string, read: number }} Tab
 * @typedef {{ at: number, room: string, nodes: NodeState[], edges: EdgeState[],
 *   redis: { state: string }, postgres: { state: string, head: number, commits: number,
 *   fsync: boolean, lock_ms: number }, switches: Switch[], meter: Meter, tabs: Tab[],
 *   load: { people: number, per_second: number } }} BenchState
 * @typedef {{ n: number, at: number, lane: string, kind: string, text: string, message?: string,
 *   room?: string, seq?: number, to?: string, arrived?: number, lost?: boolean }} BenchEvent
 * @typedef {{ outcome: "PASS" | "FAIL" | "INCONCLUSIVE", sentence: string, detail: string[],
 *   trace: { room: string, seq: number } | null }} Verdict
 * @typedef {{ label: string, sentence: string, watch: string[], done: boolean }} Step
 * @typedef {{ href: string, text: string }} Link
 * @typedef {{ n: number, title: string, question: string, story: string, know_after: string[],
 *   minutes: number, choices: string[], right: number | null, because: string, steps: Step[],
 *   switch: string, switch_label: string, why: string, links: Link[], think_on: string,
 *   predicted: number | null, on: Verdict | null, is_off: boolean, off: Verdict | null,
 *   is_done: boolean }} Lab
 * @typedef {{ label: string, lane: string, begin_ms: number, end_ms: number, note: string }} Hop
 * @typedef {{ room: string, seq: number, author: string, text: string, hops: Hop[],
 *   clocks: string }} Trace
 */
export {};
