import { emit, make } from "../../../../../static/js/helpers/dom.js";
import { edgeName, nameOf } from "../helpers/format.js";

/** @import { BenchState, Fault } from "../types.js" */

const PROCESSES = ["node-1", "node-2", "redis", "postgres"];

/**
 * Breaks one thing at a time: choose what, then how. Emits `lab-fault` with name and target,
 * `lab-heal`, and `lab-target` when something else is chosen.
 */
export class LabDesk extends HTMLElement {
  /** @type {Fault[]} */
  #faults = [];
  #target = "node-2";
  #chips = make("div", { className: "desk-targets", role: "group", ariaLabel: "What" });
  #edges = make("select", { className: "field is-small", ariaLabel: "An edge" });
  #acts = make("div", { className: "desk-acts", role: "group" });
  #sentence = make("p", { className: "desk-sentence" });

  connectedCallback() {
    for (const name of PROCESSES) {
      const chip = make("button", { type: "button", textContent: chipName(name) });
      chip.dataset.name = name;
      chip.addEventListener("click", () => emit(this, "lab-target", name));
      this.#chips.append(chip);
    }
    this.#edges.append(make("option", { value: "", textContent: "An edge between two …" }));
    this.#edges.addEventListener("change", () => {
      if (this.#edges.value) {
        emit(this, "lab-target", this.#edges.value);
      }
    });
    const heal = make("button", {
      type: "button",
      className: "button is-small desk-heal",
      textContent: "Heal all",
      title: "All faults away, all guarantees on",
    });
    heal.addEventListener("click", () => emit(this, "lab-heal"));
    const title = make("h2", { className: "label", textContent: "Break something" });
    const head = make("div", { className: "desk-head" }, title, heal);
    this.replaceChildren(head, this.#chips, this.#edges, this.#acts, this.#sentence);
    this.target = this.#target;
  }

  /** @param {BenchState} state */
  set state({ edges }) {
    if (this.#edges.length === 1) {
      for (const edge of edges) {
        this.#edges.append(make("option", { value: edge.name, textContent: edgeName(edge) }));
      }
      this.target = this.#target;
    }
  }

  /** @param {Fault[]} faults */
  set faults(faults) {
    this.#faults = faults;
    this.target = this.#target;
  }

  set target(name) {
    this.#target = name;
    for (const chip of this.#chips.children) {
      const isChosen = /** @type {HTMLElement} */ (chip).dataset.name === name;
      chip.setAttribute("aria-pressed", String(isChosen));
    }
    this.#edges.value = PROCESSES.includes(name) ? "" : name;
    this.#edges.classList.toggle("is-chosen", this.#edges.value !== "");
    const fitting = this.#faults.filter(({ targets }) => targets.includes(name));
    const what = this.#edges.selectedOptions[0]?.textContent ?? name;
    this.#acts.setAttribute("aria-label", PROCESSES.includes(name) ? nameOf(name) : what);
    this.#acts.replaceChildren(...fitting.map((fault) => this.#act(fault)));
    this.#sentence.textContent = fitting.length
      ? ""
      : "Ada and Bob cannot be broken. Choose a process or an edge.";
  }

  get target() {
    return this.#target;
  }

  /** @param {Fault} fault */
  #act({ name, label, sentence }) {
    const button = make("button", {
      type: "button",
      className: "button is-small",
      textContent: label,
      title: sentence,
    });
    button.addEventListener("click", () => {
      this.#sentence.textContent = sentence;
      emit(this, "lab-fault", { name, target: this.#target });
    });
    return button;
  }
}

/** @param {string} name */
function chipName(name) {
  const text = nameOf(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
