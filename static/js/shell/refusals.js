import { gettext, interpolate } from "../helpers/i18n.js";
import { Refused } from "../helpers/passkeys.js";
import { Rejected } from "../realtime/requests.js";

/** Why something that was asked of the server was not done: the only place that says so. */

/**
 * @param {unknown} error of a request
 * @returns {string} what the server said, or that it could not be asked
 */
export function refusalText(error) {
  return error instanceof Rejected || error instanceof Refused
    ? error.message
    : gettext("You are not connected right now. Try again in a moment.");
}

/**
 * For a place that does not say what was tried.
 *
 * @param {unknown} error of a request
 */
export function failureText(error) {
  return interpolate(gettext("That did not work. {why}"), { why: refusalText(error) });
}
