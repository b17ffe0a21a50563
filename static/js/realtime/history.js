import { Command } from "../protocol.js";

/** @import { HistoryPage, Message } from "../protocol.js" */
/** @import { Timeline } from "../models/timeline.js" */
/** @import { Requests } from "./requests.js" */

const PAGE = 50;
/** The server gives no more messages at once. */
const LARGEST_PAGE = 100;

/**
 * Brings parts of the room's past into the timeline. Each of its methods says whether it could;
 * what came too late for the timeline as it is by then is dropped. What leads elsewhere says null
 * where something else was wanted meanwhile: the newest wish counts.
 */
export class History {
  #requests;
  #room;
  #timeline;
  /** Settled when the room was entered for the first time. */
  #opened;
  #wishes = 0;

  /**
   * @param {{ requests: Requests, room: string, timeline: Timeline, feed: EventTarget }} parts
   */
  constructor({ requests, room, timeline, feed }) {
    this.#requests = requests;
    this.#room = room;
    this.#timeline = timeline;
    this.#opened = new Promise((resolve) => feed.addEventListener("live", resolve, { once: true }));
  }

  /** Leads nowhere else, whatever is on its way. */
  stay() {
    this.#wish();
  }

  /**
   * Older history continues what is held; what is far away is held instead of it.
   *
   * @param {number} seq
   * @returns {Promise<boolean | null>} whether the timeline holds this message now
   */
  async around(seq) {
    const isWanted = this.#wish();
    if (this.#timeline.at(seq)) {
      return true;
    }
    await this.#opened;
    const distance = this.#timeline.oldest - seq;
    if (isWanted() && distance > 0 && distance < LARGEST_PAGE && this.#timeline.more) {
      await this.older(LARGEST_PAGE);
    }
    if (!isWanted()) {
      return null;
    }
    const moved = this.#timeline.at(seq) ? true : await this.after(seq);
    return moved && this.#timeline.at(seq) !== undefined;
  }

  /**
   * What was said after this number, with as much from before it, instead of what is held.
   *
   * @param {number} seq
   */
  after(seq) {
    return this.#move(seq + LARGEST_PAGE / 2, LARGEST_PAGE);
  }

  /** The end of the room, from somewhere in its past. */
  end() {
    return this.#move(Number.MAX_SAFE_INTEGER - 1, PAGE);
  }

  /** The messages before the oldest one held. */
  async older(limit = PAGE) {
    const { oldest } = this.#timeline;
    try {
      const page = await this.#ask(oldest, limit);
      if (oldest !== this.#timeline.oldest) {
        return false;
      }
      this.#timeline.prepend(page);
      return true;
    } catch {
      return false;
    }
  }

  /** What follows the edge: numbers are dense, so the next hundred of them are a page. */
  async newer() {
    const { edge } = this.#timeline;
    const { epoch, seq: asked } = this.#timeline.position;
    const to = edge + LARGEST_PAGE;
    try {
      const messages = await this.#between(edge, to);
      if (edge !== this.#timeline.edge || epoch !== this.#timeline.position.epoch) {
        return false;
      }
      this.#timeline.append({ messages, to, asked });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * @param {number} to
   * @param {number} limit
   * @returns {Promise<boolean | null>} whether the part of the room that ends there is held now
   */
  async #move(to, limit) {
    const isWanted = this.#wish();
    const { epoch, seq: asked } = this.#timeline.position;
    try {
      const { messages, more } = await this.#ask(to + 1, limit);
      if (!isWanted()) {
        return null;
      }
      if (messages.length === 0 || epoch !== this.#timeline.position.epoch) {
        return false;
      }
      this.#timeline.move({ messages, more, to, asked });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * @param {number} edge
   * @param {number} to
   * @returns {Promise<Message[]>} the messages after `edge`, up to `to`
   */
  async #between(edge, to) {
    /** @type {Message[]} */
    const found = [];
    let before = to + 1;
    // Long messages fill a frame before the page is full: then it takes more than one.
    for (let more = true; more && before > edge + 1; ) {
      const page = await this.#ask(before, LARGEST_PAGE);
      found.unshift(...page.messages.filter(({ seq }) => seq > edge));
      more = page.more && page.messages.length > 0;
      before = page.messages[0]?.seq ?? 0;
    }
    return found;
  }

  /** @returns {() => boolean} whether nothing else was wanted since */
  #wish() {
    this.#wishes += 1;
    const mine = this.#wishes;
    return () => mine === this.#wishes;
  }

  /**
   * @param {number} before
   * @param {number} limit
   * @returns {Promise<HistoryPage>}
   */
  #ask(before, limit) {
    return this.#requests.ask({ type: Command.LOAD_HISTORY, room: this.#room, before, limit });
  }
}
