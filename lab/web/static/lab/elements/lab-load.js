import { emit, make } from "../../../../../static/js/helpers/dom.js";

/** What the slider offers: people, and messages in a second between them. */
const STEPS = [
  [0, 0],
  [5, 1],
  [20, 2],
  [50, 5],
  [100, 10],
  [200, 20],
  [300, 40],
];
/** A slider is let go of before others are asked for. */
const CALM_MS = 400;

/** How many others are in the room, and how much they say. Emits `lab-load`. */
export class LabLoad extends HTMLElement {
  #words = make("output", { id: "load-words" });
  #range = make("input", { type: "range", min: "0", max: String(STEPS.length - 1), value: "0" });
  #timer = 0;
  #isTouched = false;

  connectedCallback() {
    this.#range.setAttribute("aria-label", "Load");
    this.#range.addEventListener("input", () => {
      this.#isTouched = true;
      this.#say(this.#step());
      clearTimeout(this.#timer);
      this.#timer = Number(setTimeout(() => this.#send(), CALM_MS));
    });
    this.replaceChildren(this.#range, this.#words);
    this.#say([0, 0]);
  }

  /** @param {{ people: number, per_second: number }} load */
  set load({ people, per_second }) {
    if (!this.#isTouched) {
      const at = STEPS.findLastIndex(([most = 0]) => most <= people);
      this.#range.value = String(at);
      this.#say([people, per_second]);
    }
  }

  #step() {
    return STEPS[Number(this.#range.value)] ?? [0, 0];
  }

  #send() {
    this.#isTouched = false;
    const [people, per_second] = this.#step();
    emit(this, "lab-load", { people, per_second });
  }

  /** @param {number[]} step */
  #say([people = 0, rate = 0]) {
    const words = people
      ? `${people} people · ${rate} ${rate === 1 ? "message" : "messages"} a second`
      : "Only Ada and Bob";
    this.#words.textContent = words;
    this.#range.setAttribute("aria-valuetext", words);
  }
}
