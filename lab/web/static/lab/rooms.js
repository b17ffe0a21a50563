import { find } from "../../../../static/js/helpers/dom.js";

/** @import { LabApi } from "./api.js" */

/** What the pages saw is told to the bench at most so often. */
const TOLD_MS = 200;

/**
 * The two rooms, which are the product's own pages in frames. A script that only the lab's nodes
 * serve tells us what each page was sent and has shown; we hand it to the bench.
 */
export class Rooms {
  #room = "";
  /** @type {object[]} */
  #seen = [];
  #timer = 0;

  /**
   * @param {HTMLElement} page
   * @param {LabApi} api
   */
  constructor(page, api) {
    this.api = api;
    this.frames = [...page.querySelectorAll("iframe")].map((frame) => ({
      frame,
      origin: frame.dataset.origin ?? "",
      lane: frame.dataset.lane ?? "",
      state: find(frame.closest(".room") ?? page, ".room-state", HTMLElement),
    }));
  }

  connect() {
    addEventListener("message", ({ origin, source, data }) => {
      const from = this.frames.find(
        ({ frame, origin: expected }) => origin === expected && source === frame.contentWindow,
      );
      if (from && data && typeof data === "object") {
        this.#seen.push({ ...data, lane: from.lane });
        this.#timer ||= Number(setTimeout(() => this.#tell(), TOLD_MS));
      }
    });
    for (const { frame, origin } of this.frames) {
      const reload = frame.closest(".room")?.querySelector(".room-reload");
      reload?.addEventListener("click", () => {
        frame.src = `${origin}/rooms/${this.#room}/`;
      });
    }
  }

  /** @param {string} room */
  show(room) {
    if (room && room !== this.#room) {
      this.#room = room;
      for (const { frame, origin } of this.frames) {
        frame.src = `${origin}/rooms/${room}/`;
      }
    }
  }

  async #tell() {
    this.#timer = 0;
    const seen = this.#seen.splice(0);
    try {
      await this.api.post("/api/shown", { seen });
    } catch {
      // The feed says that the lab is gone.
    }
  }
}
