import { gettext } from "../helpers/i18n.js";
import { parsed, STATES, StoredQueue } from "./stored-queue.js";

/** @import { KeyValueStorage, Queued } from "./stored-queue.js" */

/**
 * @typedef {Queued & {
 *   client_id: string, body: string, reply_to?: number, seq?: number, committed?: string,
 *   confirmed?: boolean,
 * }} Entry A message on its way. `confirmed`: its author was asked whether to notify so many people.
 */

/** As the server wants a client_id. */
const CLIENT_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** The code of an entry that its author is editing: it is not sent, and holds nobody up. */
const HELD = "held";

/**
 * What one member wants to say in one room and the server has not got yet.
 *
 * @extends {StoredQueue<Entry>}
 */
export class Outbox extends StoredQueue {
  /**
   * @param {KeyValueStorage} storage
   * @param {string} owner member and room
   */
  constructor(storage, owner) {
    super({
      storage,
      name: "outbox",
      owner,
      idOf: ({ client_id }) => client_id,
      read: readEntry,
    });
  }

  /**
   * @param {{ client_id: string, body: string, reply_to?: number }} message
   * @param {number} now milliseconds
   */
  add({ client_id, body, reply_to }, now = Date.now()) {
    const order = this.nextOrder(now);
    this.store({ client_id, body, ...(reply_to && { reply_to }), order, state: "waiting" });
  }

  /** @param {string} client_id of an entry that the server asked about: it is sent as it is */
  confirm(client_id) {
    this.change(client_id, { confirmed: true });
    this.waiting(client_id);
  }

  /**
   * Its author edits it before it goes: it is not sent meanwhile, and those behind it are.
   *
   * @param {string} client_id
   */
  hold(client_id) {
    this.failed(client_id, { code: HELD, why: gettext("You were editing it.") });
  }

  /** @param {string} client_id of an entry that may be held: it is sent as it was */
  release(client_id) {
    if (this.get(client_id)?.code === HELD) {
      this.waiting(client_id);
    }
  }

  /**
   * Another text, under another id: the server may have got the first one.
   *
   * @param {string} client_id
   * @param {{ client_id: string, body: string }} revised
   */
  revise(client_id, revised) {
    const entry = this.take(client_id);
    if (entry) {
      const { order, reply_to } = entry;
      this.store({ ...revised, ...(reply_to && { reply_to }), order, state: "waiting" });
    }
  }

  /**
   * The timeline reached `seq` and shows these: what is there need not be kept here.
   *
   * @param {Iterable<string>} client_ids of the member's own messages
   * @param {number} seq
   */
  reconcile(client_ids, seq) {
    const shown = [...client_ids].filter((client_id) => this.holds(client_id));
    const passed = this.entries.filter((entry) => entry.seq !== undefined && entry.seq <= seq);
    this.drop([...shown, ...passed.map(({ client_id }) => client_id)]);
  }
}

/**
 * @param {string} client_id by its key
 * @param {string} text as it was stored; by whom, nobody knows
 * @returns {Entry | null} if all but its text is spoilt, a failed one; null: there is no text
 */
function readEntry(client_id, text) {
  const { body, reply_to, order, state, strikes, ...rest } = parsed(text);
  if (typeof body !== "string" || body === "") {
    return null;
  }
  const isNamed = rest.client_id === client_id && CLIENT_ID.test(client_id);
  if (!isNamed || !Number.isFinite(order) || !STATES.has(state)) {
    const why = gettext("It was damaged in your browser's storage.");
    return { client_id, body, order: Number(order) || 0, state: "failed", code: "damaged", why };
  }
  return {
    client_id,
    body,
    order,
    state,
    ...(Number.isSafeInteger(reply_to) && { reply_to }),
    ...(rest.confirmed === true && { confirmed: true }),
    ...(strikes > 0 && { strikes: Number(strikes) }),
    ...(state === "failed" && { code: String(rest.code), why: String(rest.why ?? "") }),
  };
}
