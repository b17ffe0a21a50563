import { find, make, on } from "../../../../static/js/helpers/dom.js";
import { LabGuide } from "./elements/lab-guide.js";
import { LabList } from "./elements/lab-list.js";
import { PHASES, phaseOf } from "./helpers/lab-phases.js";
import { labOf } from "./helpers/lab-sheet.js";

/** @import { LabApi } from "./api.js" */
/** @import { LabTopology } from "./elements/lab-topology.js" */
/** @import { Lab, Sheet } from "./types.js" */

/** The labs and the one that is open: the guide, the list, and how far it is in the header. */
export class Labs {
  /** @type {Lab[]} */
  #labs = [];
  #current = 1;

  /**
   * @param {HTMLElement} page
   * @param {LabApi} api
   * @param {LabTopology} topology
   */
  constructor(page, api, topology) {
    this.page = page;
    this.api = api;
    this.topology = topology;
    this.guide = find(page, "lab-guide", LabGuide);
    this.list = find(page, "lab-list", LabList);
  }

  async connect() {
    on(this.page, "lab-step", (step) => this.#do(step));
    on(this.page, "lab-open", (n) => this.#open(n));
    const button = find(this.page, "#labs-button", HTMLButtonElement);
    button.addEventListener("click", () => this.list.open());
    this.#take(await this.api.get("/api/labs"));
  }

  /** @param {number} n */
  async #open(n) {
    await this.#ask(`/api/labs/${n}/open`, {}, "open");
    this.guide.scrollTop = 0;
    this.guide.closest(".lab-left")?.scrollTo(0, 0);
  }

  /** @param {{ act: string, body: object, control: string }} step */
  async #do({ act, body, control }) {
    if (act === "finish") {
      const next = this.#labs.find(({ n }) => n > this.#current) ?? this.#labs[0];
      await this.#open(next?.n ?? 1);
      return;
    }
    await this.#ask(`/api/labs/${this.#current}/${act}`, body, control);
  }

  /**
   * @param {string} path
   * @param {object} body
   * @param {string} control
   */
  async #ask(path, body, control) {
    this.guide.busy = control;
    this.guide.trouble = "";
    try {
      this.#take(await this.api.post(path, body));
    } catch (error) {
      this.guide.trouble = /** @type {Error} */ (error).message;
    }
    this.guide.busy = "";
  }

  /** @param {{ current: number, labs: Sheet[] }} answer */
  #take({ current, labs: sheets }) {
    const labs = sheets.map(labOf);
    this.#labs = labs;
    this.#current = current;
    const lab = labs.find(({ n }) => n === current);
    this.list.fill(labs, current);
    if (lab) {
      this.guide.lab = lab;
      this.#head(lab);
      this.topology.watched = watched(lab);
    }
  }

  /** @param {Lab} lab */
  #head(lab) {
    const phase = phaseOf(lab);
    find(this.page, "#lab-title", HTMLElement).textContent = `Lab ${lab.n} · ${lab.title}`;
    document.title = `Lab ${lab.n} · ${lab.title}`;
    const done = this.#labs.filter(({ is_done }) => is_done).length;
    find(this.page, "#lab-done", HTMLElement).textContent =
      `${lab.minutes} min · ${done} of ${this.#labs.length} done`;
    find(this.page, "#lab-phases", HTMLElement).replaceChildren(
      ...PHASES.map((name, at) => {
        const item = make("li", { textContent: name });
        item.classList.toggle("is-done", at < phase);
        if (at === phase) {
          item.setAttribute("aria-current", "step");
        }
        return item;
      }),
    );
    const verdict = lab.off ?? lab.on;
    const strip = find(this.page, "#lab-verdict", HTMLElement);
    strip.hidden = !verdict;
    strip.className = `lab-verdict is-${verdict?.word.toLowerCase()}`;
    strip.textContent = verdict ? `${verdict.word} · ${verdict.sentence}` : "";
  }
}

/** @param {Lab} lab */
function watched(lab) {
  const next = lab.steps.find(({ is_done }) => !is_done);
  const step = { 1: next, 2: lab.steps.at(-1) }[phaseOf(lab)];
  return step?.lights ?? [];
}
