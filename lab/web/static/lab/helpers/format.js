/** @param {number} ms */
export function milliseconds(ms) {
  if (ms >= 1000) {
    return `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : 1)} s`;
  }
  return ms >= 10 || ms === 0 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** @param {number} rate */
export function perSecond(rate) {
  return rate >= 10 || rate === 0 ? `${Math.round(rate)}/s` : `${rate.toFixed(1)}/s`;
}

/** @param {number | null | undefined} count */
export function whole(count) {
  return (count ?? 0).toLocaleString("en");
}

/** @param {number} at seconds since 1970 */
export function clockTime(at) {
  const moment = new Date(at * 1000);
  const [hours, minutes, seconds] = [
    moment.getHours(),
    moment.getMinutes(),
    moment.getSeconds(),
  ].map((part) => String(part).padStart(2, "0"));
  return `${hours}:${minutes}:${seconds}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}

/** What the bench calls a process, as people read it. @type {Record<string, string>} */
const NAMES = {
  ada: "Ada",
  bob: "Bob",
  "node-1": "node 1",
  "node-2": "node 2",
  redis: "Redis",
  postgres: "PostgreSQL",
  bench: "bench",
};

/**
 * Ada is the end of the edge people-1, a member called Ada, and the client that a lab calls ada.
 *
 * @param {string} lane as an event or an edge names it
 */
export function laneOf(lane) {
  return { "people-1": "ada", "people-2": "bob", Ada: "ada", Bob: "bob" }[lane] ?? lane;
}

/** @param {string} lane */
export function nameOf(lane) {
  return NAMES[laneOf(lane)] ?? lane.charAt(0).toUpperCase() + lane.slice(1);
}

/** @param {{ source: string, target: string }} edge */
export function edgeName({ source, target }) {
  return `${nameOf(source)} – ${nameOf(target)}`;
}
