/** @import { Lab } from "../types.js" */

/** The steps of every lab, in order. */
export const PHASES = ["predict", "act", "check", "switch off", "why"];

/**
 * How far someone is: the index of the phase that waits for them; PHASES.length once all is done.
 *
 * @param {Lab} lab
 * @returns {number}
 */
export function phaseOf(lab) {
  if (lab.is_done) {
    return PHASES.length;
  }
  if (lab.predicted === null) {
    return 0;
  }
  if (lab.off?.word === "FAIL") {
    return 4;
  }
  if (lab.on?.word === "PASS") {
    return 3;
  }
  return lab.steps.every(({ is_done }) => is_done) ? 2 : 1;
}
