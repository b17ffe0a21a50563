import { make } from "../../../../../static/js/helpers/dom.js";
import { whole } from "../helpers/format.js";

/** @import { Meter } from "../types.js" */

/** @type {["lost" | "doubled" | "ghosts" | "reordered" | "divergent" | "behind", string][]} */
const TILES = [
  ["lost", "lost"],
  ["doubled", "twice"],
  ["ghosts", "ghosts"],
  ["divergent", "divergent"],
  ["reordered", "out of order"],
  ["behind", "behind"],
];
/** So long may a page be behind without being worth red. */
const BEHIND_SECONDS = 2;

/** What the promises come to now: each page's own history against the database. */
export class LabMeter extends HTMLElement {
  /** @type {Map<string, HTMLElement>} */
  #values = new Map();
  #sentences = make("ul", { className: "meter-sentences" });
  #worst = make("p", { className: "visually-hidden", role: "status" });

  connectedCallback() {
    const tiles = make("dl", { className: "meter" });
    for (const [name, label] of TILES) {
      const value = make("dd", { textContent: "0" });
      this.#values.set(name, value);
      tiles.append(make("div", {}, make("dt", { textContent: label }), value));
    }
    this.#sentences.setAttribute("aria-label", "What is broken");
    this.replaceChildren(tiles, this.#sentences, this.#worst);
  }

  /** @param {Meter} meter */
  set meter(meter) {
    for (const [name, value] of this.#values) {
      const count = Number(meter[/** @type {keyof Meter} */ (name)]);
      const isTime = name === "behind";
      value.textContent = isTime ? `${count.toFixed(1)} s` : whole(count);
      value.parentElement?.classList.toggle("is-bad", isTime ? count > BEHIND_SECONDS : count > 0);
    }
    const { sentences } = meter;
    const text = sentences.join("\n");
    if (this.#sentences.dataset.text !== text) {
      this.#sentences.dataset.text = text;
      this.#sentences.tabIndex = text ? 0 : -1;
      this.#sentences.replaceChildren(
        ...sentences.map((sentence) => make("li", { textContent: sentence })),
      );
      this.#worst.textContent = sentences[0] ?? "";
    }
  }
}
