import { emit, make } from "../../../../../static/js/helpers/dom.js";

/** @import { Switch } from "../types.js" */

/** The guarantees, each of which can be switched off. Emits `lab-switch` with its name and `on`. */
export class LabSwitches extends HTMLElement {
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();

  /** @param {Switch[]} switches */
  set switches(switches) {
    if (this.#buttons.size !== switches.length) {
      this.#build(switches);
    }
    for (const { name, on } of switches) {
      const button = this.#buttons.get(name);
      button?.setAttribute("aria-checked", String(on));
      button?.closest("li")?.classList.toggle("is-off", !on);
    }
  }

  /** @param {Switch[]} switches */
  #build(switches) {
    this.#buttons.clear();
    const list = make("ul", { className: "switches" });
    for (const { name, label, sentence, path } of switches) {
      const id = `switch-${name}`;
      const button = make("button", { type: "button", className: "switch" });
      button.setAttribute("role", "switch");
      button.setAttribute("aria-labelledby", id);
      button.addEventListener("click", () =>
        emit(this, "lab-switch", { name, on: button.getAttribute("aria-checked") !== "true" }),
      );
      this.#buttons.set(name, button);
      const [file = "", line = ""] = path.split(":");
      const link = make("a", {
        href: `/code/${file}${line ? `#L${line}` : ""}`,
        target: "_blank",
        className: "switch-code",
        textContent: path,
      });
      const note = make("p", {}, `${sentence} `, link);
      const label_ = make("summary", { id, textContent: label });
      list.append(make("li", {}, make("details", {}, label_, note), button));
    }
    this.replaceChildren(list);
  }
}
