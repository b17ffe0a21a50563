import { sleep } from "../helpers/timing.js";
import { Command, isPassing, Event as ServerEvent } from "../protocol.js";
import { Rejected, Unanswered } from "./requests.js";

/** @import { Frame, RoomChanges, RoomEntered } from "../protocol.js" */
/** @import { Line, Requests } from "./requests.js" */
/** @import { Timeline } from "../models/timeline.js" */

/** More than this is not kept while catching up; it is asked for again. Frames. */
const MOST_HELD = 200;
/** A client that is behind on this many heartbeats in a row asks for what it lacks. */
const BEATS_BEHIND = 2;
/** milliseconds */
const RETRY_DELAY = 1_000;

/**
 * Keeps a timeline equal to the room's log: enters the room on every connection, asks for what
 * was missed, and lets nothing be appended across a gap. Dispatches `live` when it has caught up,
 * `behind` when it has not, and `refused` (detail: Rejected) when the room is closed to us.
 */
export class Feed extends EventTarget {
  isLive = false;
  /** How many times something was missing and was fetched. */
  gapsFilled = 0;

  #line;
  #requests;
  #room;
  #timeline;
  #catchingUp = false;
  #beatsBehind = 0;
  /** Frames beyond a gap, waiting for it to be filled. */
  /** @type {RoomChanges[]} */
  #held = [];

  /**
   * @param {{ line: Line, requests: Requests, room: string, timeline: Timeline }} parts
   */
  constructor({ line, requests, room, timeline }) {
    super();
    this.#line = line;
    this.#requests = requests;
    this.#room = room;
    this.#timeline = timeline;
    line.addEventListener("state", () => this.#follow());
    line.addEventListener("frame", (event) =>
      this.#read(/** @type {CustomEvent} */ (event).detail),
    );
  }

  /** Asks for everything after the cursor, until there is no more. */
  async catchUp() {
    if (this.#catchingUp || !this.#line.isOpen) {
      return;
    }
    this.#catchingUp = true;
    this.#fallBehind();
    try {
      while (!(await this.#enter())) {
        // There is more, or a held frame shows that something is missing still.
      }
      this.#goLive();
    } catch (error) {
      this.#recover(error);
    } finally {
      this.#catchingUp = false;
    }
  }

  #follow() {
    if (this.#line.isOpen) {
      this.#held = [];
      this.catchUp();
    } else {
      this.#fallBehind();
    }
  }

  /** @param {Frame} frame */
  #read(frame) {
    if (frame.type === ServerEvent.ROOM_CHANGES && frame.room === this.#room) {
      this.#receive(/** @type {RoomChanges} */ (/** @type {unknown} */ (frame)));
    } else if (frame.type === ServerEvent.ROOM_REMOVED && frame.room === this.#room) {
      this.#fallBehind();
    } else if (frame.type === ServerEvent.HEARTBEAT) {
      this.#compare(frame.heads[this.#room]);
    }
  }

  /** @param {RoomChanges} changes */
  #receive(changes) {
    if (this.#timeline.apply(changes) === "gap") {
      this.#held.push(changes);
      this.#held.splice(0, this.#held.length - MOST_HELD);
      this.catchUp();
    }
  }

  /** @param {number | undefined} head */
  #compare(head) {
    const behind = head !== undefined && head > this.#timeline.position.seq;
    this.#beatsBehind = behind ? this.#beatsBehind + 1 : 0;
    if (this.#beatsBehind >= BEATS_BEHIND) {
      this.#beatsBehind = 0;
      this.catchUp();
    }
  }

  /** @returns {Promise<boolean>} whether nothing is missing any more */
  async #enter() {
    const { position, isLoaded } = this.#timeline;
    /** @type {RoomEntered} */
    const entered = await this.#requests.ask({
      type: Command.ENTER_ROOM,
      room: this.#room,
      since: isLoaded ? position : null,
    });
    this.#timeline.enter(entered);
    // Of the last page, which comes to those who hold nothing, `more` speaks of older history.
    const more = isLoaded && entered.more && !entered.reset && entered.to > position.seq;
    return !more && this.#applyHeld();
  }

  /** @returns {boolean} whether all of them fitted */
  #applyHeld() {
    const held = this.#held.sort((one, other) => one.from - other.from);
    this.#held = [];
    const beyond = held.filter((changes) => this.#timeline.apply(changes) === "gap");
    // Of another life of the log: whatever it says, the next frame or beat will tell.
    return !beyond.some(({ epoch }) => epoch === this.#timeline.position.epoch);
  }

  #fallBehind() {
    if (this.isLive) {
      this.isLive = false;
      this.gapsFilled += this.#line.isOpen ? 1 : 0;
      this.dispatchEvent(new Event("behind"));
    }
  }

  #goLive() {
    this.isLive = true;
    this.#beatsBehind = 0;
    this.dispatchEvent(new Event("live"));
  }

  /** @param {unknown} error */
  #recover(error) {
    if (error instanceof Rejected && !isPassing(error.code)) {
      this.dispatchEvent(new CustomEvent("refused", { detail: error }));
    } else if (error instanceof Rejected || error instanceof Unanswered) {
      const delay = (error instanceof Rejected && error.retryMs) || RETRY_DELAY;
      sleep(delay).then(() => this.catchUp());
    } else {
      throw error;
    }
  }
}
