import { failureText } from "./refusals.js";

/** @import { Notices } from "../helpers/notices.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** Carries out what a member wants of the room on the screen; says so where that was not possible. */
export class Commands {
  #parts;

  /** @param {{ current: CurrentRoom, requests: Requests, notices: Notices }} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * @param {{ type: string, [field: string]: any }} command
   * @param {string} room where something else than the present one is meant
   * @returns {Promise<boolean>} whether it was carried out; if not, the member is told why
   */
  async run(command, room = this.#parts.current.session.key) {
    try {
      await this.#parts.requests.ask({ ...command, room });
      return true;
    } catch (error) {
      this.#parts.notices.toast(failureText(error));
      return false;
    }
  }
}
