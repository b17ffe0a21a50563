import { find, on } from "../helpers/dom.js";
import { MemberPictures } from "../helpers/member-pictures.js";
import { preciseNow } from "../helpers/time.js";
import { Command, Event as ServerEvent } from "../protocol.js";

/** @import { Clock } from "../models/clock.js" */
/** @import { Faces } from "../models/faces.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { MemberRef, MembersLoaded } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { Requests } from "../realtime/requests.js" */

/** What comes onto the page together is asked for together. Milliseconds. */
const GATHER_TIME = 30;
/** The server takes no more in one question. */
const ASKED_AT_ONCE = 200;
/** After a question that was not answered. Milliseconds. */
const RETRY_DELAY = 3_000;
/** A longer wait would be taken for none. Milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * How the members look whose marks are on the page: asked for as they come, and told of by the server from
 * then on. Pictures are drawn here; names and states by the parts that show them.
 */
export class MemberFaces {
  #parts;
  #pictures = new MemberPictures(document);
  /** @type {Set<number>} asked for on this connection, or about to be */
  #asked = new Set();
  /** @type {Set<number>} */
  #wanted = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #endTimer;

  /**
   * @param {{
   *   connection: Connection, requests: Requests, faces: Faces, directory: RoomDirectory, clock: Clock,
   *   me: MemberRef | null,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { connection, faces, directory } = this.#parts;
    on(connection, "frame", (frame) => {
      if (frame.type === ServerEvent.HELLO) {
        this.#askAgain();
      } else if (frame.type === ServerEvent.MEMBERS_CHANGED) {
        faces.note(frame.members);
      }
    });
    on(faces, "change", ({ ids, isRenamed }) => {
      this.#pictures.show(faces.all);
      this.#waitForEnd();
      if (isRenamed) {
        directory.rename(faces);
        this.#renameMe(ids);
      }
    });
    on(directory, "change", () => directory.rename(faces));
    new MutationObserver((changes) => this.#look(changes)).observe(document.body, {
      childList: true,
      subtree: true,
      attributeFilter: ["data-face"],
    });
    this.#want(marksIn(document.body));
  }

  /** What changed while there was no connection was not told. */
  #askAgain() {
    const held = this.#parts.faces.all.map(({ id }) => id);
    this.#asked.clear();
    this.#want(new Set([...held, ...marksIn(document.body)]));
  }

  /** @param {MutationRecord[]} changes */
  #look(changes) {
    for (const { type, target, addedNodes } of changes) {
      const nodes = type === "attributes" ? [target] : addedNodes;
      for (const node of nodes) {
        if (node instanceof Element) {
          this.#want(marksIn(node));
        }
      }
    }
  }

  /** @param {Iterable<number>} ids */
  #want(ids) {
    for (const id of ids) {
      if (!this.#asked.has(id)) {
        this.#asked.add(id);
        this.#wanted.add(id);
      }
    }
    if (this.#wanted.size > 0 && this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#ask(), GATHER_TIME);
    }
  }

  async #ask() {
    const { requests, faces, connection } = this.#parts;
    this.#timer = undefined;
    const members = [...this.#wanted].slice(0, ASKED_AT_ONCE);
    if (!connection.isOpen || members.length === 0) {
      return;
    }
    for (const id of members) {
      this.#wanted.delete(id);
    }
    try {
      /** @type {MembersLoaded} */
      const loaded = await requests.ask({ type: Command.LOAD_MEMBERS, members });
      faces.note(loaded.members);
      this.#want([]);
    } catch {
      // Names and marks are there without an answer.
      setTimeout(() => {
        for (const id of members) {
          this.#asked.delete(id);
        }
        this.#want(members);
      }, RETRY_DELAY);
    }
  }

  /** One timer for the status that ends next. */
  #waitForEnd() {
    const { faces, clock } = this.#parts;
    clearTimeout(this.#endTimer);
    const left = faces.nextEnd - clock.server(preciseNow());
    if (left < Number.POSITIVE_INFINITY) {
      const wait = Math.min(Math.max(left, 0), LONGEST_WAIT);
      this.#endTimer = setTimeout(() => {
        faces.expire(clock.server(preciseNow()));
        this.#waitForEnd();
      }, wait);
    }
  }

  /** @param {number[]} ids who has another name */
  #renameMe(ids) {
    const { me, faces } = this.#parts;
    if (me && ids.includes(me.id)) {
      // Everything that shows me was given this object.
      me.name = faces.nameOf(me);
      find(document, ".me-name", HTMLElement).textContent = me.name;
    }
  }
}

/** @param {Element} part of the page @returns {Set<number>} whose marks are in it */
function marksIn(part) {
  const marks = [
    ...part.querySelectorAll("[data-face]"),
    ...(part.matches("[data-face]") ? [part] : []),
  ];
  return new Set(
    marks
      .map((mark) => Number(/** @type {HTMLElement} */ (mark).dataset.face))
      .filter((id) => id > 0),
  );
}
