import { localDay } from "../helpers/time.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { Entry } from "./outbox.js" */

/** Messages of one author within this time stand under one name. Milliseconds. */
const GROUP_TIME = 5 * 60_000;
/** So many deleted messages in a row are one line. */
const SHORTEST_RUN = 2;

/**
 * @typedef {{ kind: "day", key: string, date: Date }} DayItem
 * @typedef {{ kind: "new", key: string }} NewItem
 * @typedef {{ kind: "deletions", key: string, messages: Message[], isExpanded: boolean }} DeletionsItem
 *   Several deleted messages in a row, as one line; expanded, their rows follow it.
 * @typedef {{ kind: "message", key: string, message: Message, startsGroup: boolean }} MessageItem
 * @typedef {{ kind: "pending", key: string, entry: Entry, startsGroup: boolean }} PendingItem
 * @typedef {DayItem | NewItem | DeletionsItem | MessageItem | PendingItem} Item
 *
 * @typedef {{
 *   messages: readonly Message[], pending: readonly Entry[], me: MemberRef | null,
 *   newFrom: number | null, collapses?: (message: Message) => boolean,
 *   isExpanded?: (seq: number) => boolean,
 * }} Content `collapses`: whether nothing more is to be said of this deleted message; `isExpanded`:
 *   whether the deletions around this one were asked for
 */

/**
 * What stands in the list, line by line: messages in groups, a line for each new day, the *New*
 * line, and at the end what is still on its way. A message keeps its key when it arrives. The server
 * arranges the messages of a page by the same rules (chat/web/message_grouping.py); both are tried
 * with the cases of tests/message_grouping.json.
 *
 * @param {Content} content
 * @returns {Item[]}
 */
export function arrange({
  messages,
  pending,
  me,
  newFrom,
  collapses = always,
  isExpanded = never,
}) {
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
  return collapsed(items, collapses, isExpanded);
}

/**
 * @param {Item[]} items
 * @param {(message: Message) => boolean} collapses
 * @param {(seq: number) => boolean} isExpanded
 * @returns {Item[]} the same, with one line for each run of deleted messages; what follows a run that
 *   is not expanded starts a group, since its author's name may have stood within the run
 */
function collapsed(items, collapses, isExpanded) {
  /** @type {Item[]} */
  const kept = [];
  for (let index = 0; index < items.length; ) {
    const run = runAt(items, index, collapses);
    if (run.length < SHORTEST_RUN) {
      kept.push(/** @type {Item} */ (items[index]));
      index += 1;
      continue;
    }
    const messages = run.map(({ message }) => message);
    const isOpen = messages.some(({ seq }) => isExpanded(seq));
    const key = `deletions ${messages[0]?.seq}`;
    kept.push({ kind: "deletions", key, messages, isExpanded: isOpen }, ...(isOpen ? run : []));
    index += run.length;
    const next = items[index];
    if (!isOpen && next && "startsGroup" in next) {
      next.startsGroup = true;
    }
  }
  return kept;
}

/**
 * @param {Item[]} items
 * @param {number} start
 * @param {(message: Message) => boolean} collapses
 * @returns {MessageItem[]} the deleted messages that stand there in a row
 */
function runAt(items, start, collapses) {
  const run = [];
  for (let index = start; index < items.length; index += 1) {
    const item = /** @type {Item} */ (items[index]);
    if (item.kind !== "message" || !item.message.deleted || !collapses(item.message)) {
      break;
    }
    run.push(item);
  }
  return run;
}

const always = () => true;
const never = () => false;

/**
 * What a message is known by before it has a number, and ever after.
 *
 * @param {number} author
 * @param {string} clientId
 */
export function keyOf(author, clientId) {
  return `${author} ${clientId}`;
}
