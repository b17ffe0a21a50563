import { Command } from "../protocol.js";
import { QueueDelivery } from "./queue-delivery.js";

/** @import { MessageAccepted } from "../protocol.js" */
/** @import { Entry, Outbox } from "../models/outbox.js" */
/** @import { Line } from "./queue-delivery.js" */

/** A message that waited longer says so, for the operator's figures. Milliseconds. */
const WORTH_TELLING = 1_000;

/**
 * Sends the messages of an outbox. `accepted` bears the MessageAccepted.
 *
 * @extends {QueueDelivery<Entry>}
 */
export class Delivery extends QueueDelivery {
  /** @param {Line & { outbox: Outbox }} parts */
  constructor({ outbox, ...line }) {
    super({ ...line, queue: outbox, commandOf, receiptOf });
  }
}

/** @param {Entry} entry */
function commandOf({ client_id, body, reply_to, order, confirmed }) {
  const waited = Date.now() - order;
  return {
    type: Command.SEND_MESSAGE,
    client_id,
    body,
    ...(reply_to && { reply_to }),
    ...(confirmed && { confirmed }),
    ...(waited > WORTH_TELLING && { waited_ms: waited }),
  };
}

/** @param {MessageAccepted} reply */
function receiptOf({ seq, trace }) {
  return { seq, committed: trace.committed };
}
