import { Command } from "../protocol.js";
import { QueueDelivery } from "./queue-delivery.js";

/** @import { Change, ChangeQueue } from "../models/change-queue.js" */
/** @import { Line } from "./queue-delivery.js" */

/**
 * Sends the edits, deletions and reactions of a queue. The server changes nothing twice, so each may
 * be sent again where it is not known whether the first one arrived.
 *
 * @extends {QueueDelivery<Change>}
 */
export class ChangeDelivery extends QueueDelivery {
  /** @param {Line & { changes: ChangeQueue }} parts */
  constructor({ changes, ...line }) {
    super({ ...line, queue: changes, commandOf, receiptOf });
  }
}

/** @param {Change} change */
function commandOf(change) {
  const { seq } = change;
  switch (change.kind) {
    case "edit":
      return { type: Command.EDIT_MESSAGE, seq, body: change.body };
    case "delete":
      return { type: Command.DELETE_MESSAGE, seq };
    case "reaction":
      return { type: Command.SET_REACTION, seq, emoji: change.emoji, on: change.on };
  }
}

/** @param {{ updated_seq: number }} reply */
function receiptOf({ updated_seq }) {
  return { updated_seq };
}
