import { emit, make } from "../../../../../static/js/helpers/dom.js";
import { PHASES, phaseOf } from "../helpers/lab-phases.js";

/** @import { Lab } from "../types.js" */

/** All labs and how far each is, in a dialog. Emits `lab-open` with a number. */
export class LabList extends HTMLElement {
  #dialog = make("dialog", { className: "dialog labs-dialog" });
  #list = make("ol", { className: "labs" });

  connectedCallback() {
    this.#dialog.setAttribute("aria-labelledby", "labs-title");
    const close = make("button", {
      type: "button",
      className: "button is-small",
      textContent: "Close",
    });
    close.addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) {
        this.#dialog.close();
      }
    });
    this.#dialog.replaceChildren(
      make("h2", { id: "labs-title", textContent: "Labs" }),
      this.#list,
      make("p", { className: "dialog-actions" }, close),
    );
    this.replaceChildren(this.#dialog);
  }

  open() {
    this.#dialog.showModal();
    const current = this.#list.querySelector("[aria-current]");
    if (current instanceof HTMLElement) {
      current.focus();
    }
  }

  /**
   * @param {Lab[]} labs
   * @param {number} current
   */
  fill(labs, current) {
    this.#list.replaceChildren(
      ...labs.map((lab) => {
        const button = make(
          "button",
          { type: "button" },
          make("span", { className: "labs-number", textContent: String(lab.n) }),
          make(
            "span",
            { className: "labs-name" },
            make("strong", { textContent: lab.title }),
            make("small", { textContent: lab.question }),
          ),
          make("span", { className: "labs-state", textContent: stateOf(lab) }),
        );
        if (lab.n === current) {
          button.setAttribute("aria-current", "true");
        }
        button.addEventListener("click", () => {
          this.#dialog.close();
          emit(this, "lab-open", lab.n);
        });
        return make("li", {}, button);
      }),
    );
  }
}

/** @param {Lab} lab */
function stateOf(lab) {
  const phase = phaseOf(lab);
  if (phase === PHASES.length) {
    return "done";
  }
  return phase ? `at ${PHASES[phase]}` : `${lab.minutes} min`;
}
