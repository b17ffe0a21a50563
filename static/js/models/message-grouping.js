import { localDay } from "../helpers/time.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Entry } from "./outbox.js" */

/** Messages of one author within this time stand under one name. Milliseconds. */
const GROUP_TIME = 5 * 60_000;

/**
 * @typedef {{ kind: "day", key: string, date: Date }} DayItem
 * @typedef {{ kind: "new", key: string }} NewItem
 * @typedef {{ kind: "message", key: string, message: Message, startsGroup: boolean }} MessageItem
 * @typedef {{ kind: "pending", key: string, entry: Entry, startsGroup: boolean }} PendingItem
 * @typedef {DayItem | NewItem | MessageItem | PendingItem} Item
 */

/**
 * What stands in the list, line by line: messages in groups, a line for each new day, the *New*
 * line, and at the end what is still on its way. A message keeps its key when it arrives.
 *
 * @param {{
 *   messages: readonly Message[], pending: readonly Entry[], me: MemberRef | null,
 *   newFrom: number | null,
 * }} content
 * @returns {Item[]}
 */
export function arrange({ messages, pending, me, newFrom }) {
  /** @type {Item[]} */
  const items = [];
  let day = "";
  let author = 0;
  let groupEnds = 0;

  for (const message of messages) {
    const date = new Date(message.created_at);
    if (localDay(date) !== day) {
      day = localDay(date);
      author = 0;
      items.push({ kind: "day", key: `day ${day}`, date });
    }
    if (message.seq === newFrom) {
      author = 0;
      items.push({ kind: "new", key: "new" });
    }
    const startsGroup =
      message.author.id !== author || date.getTime() > groupEnds || message.reply_to !== undefined;
    if (startsGroup) {
      author = message.author.id;
      groupEnds = date.getTime() + GROUP_TIME;
    }
    const key = keyOf(message.author.id, message.client_id);
    items.push({ kind: "message", key, message, startsGroup });
  }

  for (const entry of me ? pending : []) {
    const id = /** @type {MemberRef} */ (me).id;
    const startsGroup = id !== author || entry.order > groupEnds || entry.reply_to !== undefined;
    if (startsGroup) {
      author = id;
      groupEnds = entry.order + GROUP_TIME;
    }
    items.push({ kind: "pending", key: keyOf(id, entry.client_id), entry, startsGroup });
  }
  return items;
}

/**
 * What a message is known by before it has a number, and ever after.
 *
 * @param {number} author
 * @param {string} clientId
 */
export function keyOf(author, clientId) {
  return `${author} ${clientId}`;
}
