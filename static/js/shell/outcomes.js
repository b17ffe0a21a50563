import { failureText } from "./refusals.js";

/** @import { Requests } from "../realtime/requests.js" */

/**
 * @typedef {{ said: (string | Node)[], done: boolean, undo?: () => Promise<Outcome> }} Outcome
 *   What came of an act, to be said where it happened; `undo` where it can be taken back.
 */

/**
 * @param {Requests} requests
 * @param {{ type: string, [field: string]: any }} command
 * @param {(string | Node)[]} said if it is carried out
 * @param {(() => Promise<Outcome>)} [undo]
 * @returns {Promise<Outcome>}
 */
export async function carryOut(requests, command, said, undo) {
  try {
    await requests.ask(command);
    return { said, done: true, undo };
  } catch (error) {
    return { said: [failureText(error)], done: false };
  }
}
