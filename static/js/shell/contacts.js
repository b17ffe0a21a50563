import { gettext } from "../helpers/i18n.js";
import { about } from "../helpers/moderation-sentences.js";
import { Command } from "../protocol.js";
import { failureText } from "./refusals.js";

/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { MemberRef, RoomEntry } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Outcome } from "./outcomes.js" */
/** @import { Navigation } from "./navigation.js" */

/** What members have with each other: direct messages, and not hearing from someone. */
export class Contacts {
  #parts;
  /** Whom I block, as far as the page has heard. */
  /** @type {Set<number>} */
  #blocked = new Set();

  /** @param {{ requests: Requests, directory: RoomDirectory, navigation: Navigation }} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * @param {MemberRef} member
   * @returns {boolean}
   */
  hasBlocked({ id }) {
    return this.#blocked.has(id);
  }

  /**
   * The server said whether I block them.
   *
   * @param {MemberRef} member
   * @param {boolean} isBlocked
   */
  note({ id }, isBlocked) {
    if (isBlocked) {
      this.#blocked.add(id);
    } else {
      this.#blocked.delete(id);
    }
  }

  /**
   * Goes to the room of the two of us.
   *
   * @param {MemberRef} member
   * @returns {Promise<Outcome | null>} null: we are there
   */
  async write({ id }) {
    const { requests, directory, navigation } = this.#parts;
    try {
      const { entry } = await requests.ask({ type: Command.OPEN_DIRECT, members: [id] });
      const { room, ...rest } = /** @type {RoomEntry} */ (entry);
      directory.note(room, rest);
      navigation.go(room);
      return null;
    } catch (error) {
      return { said: [failureText(error)], done: false };
    }
  }

  /**
   * @param {MemberRef} member
   * @param {boolean} isBlocked what is to be
   * @returns {Promise<Outcome>}
   */
  async block(member, isBlocked) {
    const type = isBlocked ? Command.BLOCK_MEMBER : Command.UNBLOCK_MEMBER;
    try {
      await this.#parts.requests.ask({ type, member: member.id });
    } catch (error) {
      return { said: [failureText(error)], done: false };
    }
    this.note(member, isBlocked);
    const sentence = isBlocked
      ? gettext("You blocked {name}: their direct messages and mentions do not reach you.")
      : gettext("You hear from {name} again.");
    const undo = () => this.block(member, !isBlocked);
    return { said: about(member.name, sentence), done: true, undo };
  }
}
