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
 * was missed, and lets nothing be appended across a gap. A room that was left is followed again from
 * where it stood. Dispatches `live` when it has caught up, `behind` when it has not, and `refused`
 * (detail: Rejected) when the room is closed to us.
 */
export class Feed extends EventTarget {
  isLive = false;
  /** @type {Rejected | null} why the room is closed to us */
  refusal = null;
  /** How many times something was missing and was fetched. */
  gapsFilled = 0;

  #line;
  #requests;
  #room;
  #timeline;
  #catchingUp = false;
  #beatsBehind = 0;
  #isFollowing;
  /** Counts how often the room was left: an answer of an earlier stay means nothing. */
  #stay = 0;
  #closed = new AbortController();
  /** Frames beyond a gap, waiting for it to be filled. */
  /** @type {RoomChanges[]} */
  #held = [];

  /**
   * @param {{
   *   line: Line, requests: Requests, room: string, timeline: Timeline, isFollowing?: boolean,
   * }} parts
   */
  constructor({ line, requests, room, timeline, isFollowing = true }) {
    super();
    this.#line = line;
    this.#requests = requests;
    this.#room = room;
    this.#timeline = timeline;
    this.#isFollowing = isFollowing;
    const { signal } = this.#closed;
    line.addEventListener("state", () => this.#connect(), { signal });
    const read = (/** @type {Event} */ event) =>
      this.#read(/** @type {CustomEvent} */ (event).detail);
    line.addEventListener("frame", read, { signal });
  }

  /** Whether the room is entered, or will be as soon as there is a connection. */
  get isFollowing() {
    return this.#isFollowing;
  }

  /** Enters the room, or enters it again after it was left. */
  follow() {
    if (!this.#isFollowing) {
      this.#isFollowing = true;
      this.catchUp();
    }
  }

  /** What happens in the room from now on is asked for when it is followed again. */
  leave() {
    if (this.#isFollowing) {
      this.#isFollowing = false;
      this.#stay += 1;
      this.#held = [];
      this.#sayGoodbye();
      if (this.isLive) {
        this.isLive = false;
        this.dispatchEvent(new Event("behind"));
      }
    }
  }

  /** Leaves for good. */
  close() {
    this.leave();
    this.#closed.abort();
  }

  /** Asks for everything after the cursor, until there is no more. */
  async catchUp() {
    if (this.#catchingUp || !this.#isFollowing || !this.#line.isOpen) {
      return;
    }
    this.#catchingUp = true;
    this.#fallBehind();
    const stay = this.#stay;
    try {
      while (stay === this.#stay && !(await this.#enter())) {
        // There is more, or a held frame shows that something is missing still.
      }
      if (stay === this.#stay) {
        this.#goLive();
      }
    } catch (error) {
      this.#recover(error);
    } finally {
      this.#catchingUp = false;
    }
    if (stay !== this.#stay) {
      this.#mindDeparture();
    }
  }

  /** It was left while it was being entered: the server may have heard of it the other way round. */
  #mindDeparture() {
    if (this.#isFollowing) {
      this.catchUp();
    } else {
      this.#sayGoodbye();
    }
  }

  #sayGoodbye() {
    this.#line.send({ type: Command.LEAVE_ROOM, ref: "leave", room: this.#room });
  }

  #connect() {
    if (this.#line.isOpen) {
      this.#held = [];
      this.catchUp();
    } else {
      this.#fallBehind();
    }
  }

  /** @param {Frame} frame */
  #read(frame) {
    if (!this.#isFollowing) {
      return;
    }
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
    this.refusal = null;
    this.#beatsBehind = 0;
    this.dispatchEvent(new Event("live"));
  }

  /** @param {unknown} error */
  #recover(error) {
    if (error instanceof Rejected && !isPassing(error.code)) {
      this.refusal = error;
      this.dispatchEvent(new CustomEvent("refused", { detail: error }));
    } else if (error instanceof Rejected || error instanceof Unanswered) {
      const delay = (error instanceof Rejected && error.retryMs) || RETRY_DELAY;
      sleep(delay).then(() => this.catchUp());
    } else {
      throw error;
    }
  }
}
