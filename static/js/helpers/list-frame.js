import { find } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";

/** @import { Timeline } from "../models/timeline.js" */

/** How long what was put in above may take a screen reader to notice. Milliseconds. */
const QUIET_TIME = 1_000;

/** What a list of messages shows and says around its rows. */
export class ListFrame {
  #list;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #quietTimer;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {string} room its name: the one place that says whose messages these are */
  name(room) {
    this.#list.ariaLabel = interpolate(gettext("Messages in {room}"), { room });
    find(this.#list, ".timeline-start strong", HTMLElement).textContent = room;
  }

  /**
   * The beginning of the room, and the way in for others while nobody has said anything.
   *
   * @param {Timeline} timeline
   * @param {boolean} isEmpty
   */
  show({ more, isLoaded }, isEmpty) {
    find(this.#list, ".timeline-start", HTMLElement).hidden = more || !isLoaded;
    this.#list.ariaBusy = String(!isLoaded);
    const invite = this.#list.querySelector(".invite");
    if (invite instanceof HTMLElement) {
      invite.hidden = !isLoaded || !isEmpty;
    }
  }

  /** What is put in above is not news: a screen reader should not read it out. */
  quiet() {
    this.#list.ariaLive = "off";
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => {
      this.#list.ariaLive = "polite";
    }, QUIET_TIME);
  }
}
