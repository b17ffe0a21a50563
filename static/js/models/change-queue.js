import { newClientId } from "../helpers/ids.js";
import { parsed, STATES, StoredQueue } from "./stored-queue.js";

/** @import { MemberRef, Message, Reaction } from "../protocol.js" */
/** @import { KeyValueStorage, Queued } from "./stored-queue.js" */

/**
 * @typedef {{ kind: "edit", seq: number, body: string }} EditWish
 * @typedef {{ kind: "delete", seq: number }} DeleteWish
 * @typedef {{ kind: "reaction", seq: number, emoji: string, on: boolean }} ReactionWish
 * @typedef {EditWish | DeleteWish | ReactionWish} Wish What a member wants of a message.
 * @typedef {Queued & { id: string, tried?: boolean, updated_seq?: number } & Wish} Change A change on
 *   its way. `tried`: the server may have it already.
 */

/**
 * What one member wants changed in one room and the server has not got yet: edits, deletions and
 * reactions. A later wish takes the place of an earlier one about the same that still waits; one that
 * only takes it back leaves nothing to send.
 *
 * @extends {StoredQueue<Change>}
 */
export class ChangeQueue extends StoredQueue {
  #me;

  /**
   * @param {KeyValueStorage} storage
   * @param {string} owner member and room
   * @param {MemberRef} me
   */
  constructor(storage, owner, me) {
    super({ storage, name: "changes", owner, idOf: ({ id }) => id, read: readChange });
    this.#me = me;
  }

  /**
   * @param {Wish} wish
   * @param {Message | undefined} message as the server has it, as far as this page knows
   * @param {number} now milliseconds
   */
  add(wish, message, now = Date.now()) {
    const replaced = this.entries.filter((entry) => isIdle(entry) && supersedes(wish, entry));
    this.drop(replaced.map(({ id }) => id));
    const isUndone = replaced.length > 0 && !replaced.some(({ tried }) => tried);
    if (isUndone && message && isFulfilled(wish, this.applied(message), this.#me)) {
      return;
    }
    this.store({ ...wish, id: newClientId(), order: this.nextOrder(now), state: "waiting" });
  }

  /**
   * @override
   * @param {string} id
   */
  sending(id) {
    this.change(id, { state: "sending", tried: true });
  }

  /**
   * @param {number} seq
   * @returns {Change[]} what is wanted of this message, in order
   */
  of(seq) {
    return this.isEmpty ? [] : this.entries.filter((entry) => entry.seq === seq);
  }

  /**
   * @param {Message} message as the server has it
   * @returns {Message} as it will be when everything that waits is done
   */
  applied(message) {
    return this.of(message.seq).reduce(
      (shown, change) => (change.state === "failed" ? shown : changed(shown, change, this.#me)),
      message,
    );
  }

  /**
   * The timeline reached `position`: what it shows need not be kept, nor what a deletion made idle.
   *
   * @param {{ position: { seq: number }, at: (seq: number) => Message | undefined }} timeline
   */
  reconcile(timeline) {
    const done = this.entries.filter((entry) => {
      const isDeleted = timeline.at(entry.seq)?.deleted === true;
      const isShown = entry.updated_seq !== undefined && entry.updated_seq <= timeline.position.seq;
      return isShown || (isDeleted && entry.kind !== "edit" && isIdle(entry));
    });
    this.drop(done.map(({ id }) => id));
  }
}

/** @param {Change} change */
function isIdle({ state }) {
  return state === "waiting" || state === "failed";
}

/**
 * @param {Wish} wish
 * @param {Change} earlier
 * @returns {boolean} whether nothing of the earlier one is wanted any more
 */
function supersedes(wish, earlier) {
  if (wish.seq !== earlier.seq) {
    return false;
  }
  if (wish.kind === "reaction") {
    return earlier.kind === "reaction" && earlier.emoji === wish.emoji;
  }
  return wish.kind === "delete" || earlier.kind === "edit";
}

/**
 * @param {Wish} wish
 * @param {Message} message
 * @param {MemberRef} me
 */
function isFulfilled(wish, message, me) {
  switch (wish.kind) {
    case "edit":
      return message.body === wish.body;
    case "delete":
      return message.deleted === true;
    case "reaction":
      return hasReacted(message, wish.emoji, me.id) === wish.on;
  }
}

/**
 * @param {Message} message
 * @param {string} emoji
 * @param {number} me
 * @returns {boolean} whether I have reacted with it
 */
export function hasReacted({ reactions = [] }, emoji, me) {
  const held = reactions.find((reaction) => reaction.emoji === emoji);
  return held?.members.some(({ id }) => id === me) ?? false;
}

/**
 * @param {Message} message
 * @param {Change} change
 * @param {MemberRef} me
 * @returns {Message}
 */
function changed(message, change, me) {
  if (message.deleted) {
    return message;
  }
  switch (change.kind) {
    case "edit": {
      const { html: _, mentions: __, ...rest } = message;
      const edited_at = message.edited_at ?? new Date(change.order).toISOString();
      return { ...rest, body: change.body, edited_at };
    }
    case "delete": {
      const { html: _, reactions: __, ...rest } = message;
      return { ...rest, body: "", deleted: true };
    }
    case "reaction": {
      const { reactions: before = [], ...rest } = message;
      const reactions = reacted(before, change, me);
      return reactions.length > 0 ? { ...rest, reactions } : rest;
    }
  }
}

/**
 * @param {Reaction[]} reactions
 * @param {ReactionWish} wish
 * @param {MemberRef} me
 * @returns {Reaction[]}
 */
function reacted(reactions, { emoji, on }, me) {
  const isNew = !reactions.some((reaction) => reaction.emoji === emoji);
  const all = isNew ? [...reactions, { emoji, members: [] }] : reactions;
  return all
    .map((reaction) => {
      if (reaction.emoji !== emoji) {
        return reaction;
      }
      const others = reaction.members.filter(({ id }) => id !== me.id);
      return { emoji, members: on ? [...others, me] : others };
    })
    .filter(({ members }) => members.length > 0);
}

/**
 * @param {string} id by its key
 * @param {string} text as it was stored; by whom, nobody knows
 * @returns {Change | null} null: it is no change that could be sent
 */
function readChange(id, text) {
  const { kind, seq, body, emoji, on, order, state, strikes, code, why } = parsed(text);
  const wish = readWish({ kind, seq, body, emoji, on });
  if (wish === null || !Number.isFinite(order) || !STATES.has(state)) {
    return null;
  }
  return {
    ...wish,
    id,
    order,
    state,
    // Another page may have sent it before this one read it.
    tried: true,
    ...(strikes > 0 && { strikes: Number(strikes) }),
    ...(state === "failed" && { code: String(code), why: String(why ?? "") }),
  };
}

/**
 * @param {Record<string, any>} stored
 * @returns {Wish | null}
 */
function readWish({ kind, seq, body, emoji, on }) {
  if (!Number.isSafeInteger(seq)) {
    return null;
  }
  if (kind === "edit" && typeof body === "string" && body !== "") {
    return { kind, seq, body };
  }
  if (kind === "reaction" && typeof emoji === "string") {
    return { kind, seq, emoji, on: on === true };
  }
  return kind === "delete" ? { kind, seq } : null;
}
