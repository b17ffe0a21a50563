import { emit, make } from "../../../../../static/js/helpers/dom.js";
import { phaseOf } from "../helpers/lab-phases.js";

/** @import { Lab, Step, Verdict } from "../types.js" */

/**
 * One lab, step by step. Emits `lab-step` with `act` (predict, act, check, switch-off, finish,
 * reset) and its `body`, `lab-trace` for the message of a verdict, and `lab-next`.
 */
export class LabGuide extends HTMLElement {
  /** @type {Lab | undefined} */
  #lab;
  #busy = "";
  #trouble = "";

  /** @param {Lab} lab */
  set lab(lab) {
    this.#lab = lab;
    this.#fill();
  }

  /** @param {string} name of what is being done; nothing else can be begun */
  set busy(name) {
    this.#busy = name;
    this.#fill();
  }

  /** @param {string} sentence */
  set trouble(sentence) {
    this.#trouble = sentence;
    this.#fill();
  }

  #fill() {
    const lab = this.#lab;
    if (!lab) {
      return;
    }
    const focused = this.querySelector(":focus")?.getAttribute("data-focus");
    const phase = phaseOf(lab);
    this.replaceChildren(
      make("h2", { className: "guide-question", textContent: lab.question }),
      make("p", { className: "guide-story", textContent: lab.story }),
      ...(lab.know_after.length && phase === 0 ? [knowAfter(lab.know_after)] : []),
      this.#predict(lab, phase),
      ...(phase >= 1 ? [this.#act(lab, phase)] : []),
      ...(phase >= 2 || lab.on ? [this.#check(lab)] : []),
      ...(phase >= 3 ? [this.#switchOff(lab)] : []),
      ...(phase >= 4 ? [this.#why(lab, phase)] : []),
      make("p", { className: "guide-trouble", textContent: this.#trouble, role: "alert" }),
    );
    this.#keepFocus(focused);
  }

  /**
   * The control that had the focus, or what comes after it.
   *
   * @param {string | null | undefined} name
   */
  #keepFocus(name) {
    if (name) {
      const same = this.querySelector(`[data-focus="${name}"]:enabled`);
      const next = [...this.querySelectorAll("button.is-primary:enabled")].at(-1);
      const control = same ?? next ?? this.querySelector(".verdict:last-of-type");
      if (control instanceof HTMLElement) {
        control.focus({ preventScroll: true });
        control.scrollIntoView({ block: "nearest" });
      }
    }
  }

  /**
   * @param {Lab} lab
   * @param {number} phase
   */
  #predict(lab, phase) {
    const isOpen = phase <= 1 && !lab.steps.some(({ done }) => done);
    const choices = lab.choices.map((text, at) => {
      const input = make("input", { type: "radio", name: "prediction", value: String(at) });
      input.dataset.focus = `choice-${at}`;
      input.checked = lab.predicted === at;
      input.disabled = !isOpen || this.#busy !== "";
      input.addEventListener("change", () => this.#do("predict", { choice: at }));
      const isRight = lab.right === at && phase >= 3;
      const isWrong = phase >= 3 && lab.predicted === at && !isRight;
      const note = isRight ? "what happens" : isWrong ? "your prediction" : "";
      const label = make("label", {}, input, make("span", { textContent: text }));
      label.classList.toggle("is-right", isRight);
      label.classList.toggle("is-wrong", isWrong);
      if (note) {
        label.append(make("small", { textContent: note }));
      }
      return label;
    });
    const legend = make("legend", { className: "label", textContent: "Predict" });
    const group = make("fieldset", { className: "guide-choices" }, legend, ...choices);
    if (phase >= 3 && lab.because) {
      group.append(make("p", { className: "guide-because", textContent: lab.because }));
    }
    return group;
  }

  /**
   * @param {Lab} lab
   * @param {number} phase
   */
  #act(lab, phase) {
    const first = lab.steps.findIndex(({ done }) => !done);
    const steps = lab.steps.map((step, at) => {
      const isNext = at === first;
      const button = make("button", {
        type: "button",
        className: `button ${isNext ? "is-primary" : ""}`,
        textContent: step.done ? `${step.label} — done` : step.label,
        disabled: !isNext || this.#busy !== "",
      });
      button.dataset.focus = `act-${at}`;
      this.#showBusy(button, `act-${at}`);
      button.addEventListener("click", () => this.#do("act", { step: at }, `act-${at}`));
      return make("li", {}, button, ...stepWords(step));
    });
    const section = part("Act", make("ol", { className: "guide-steps" }, ...steps));
    if (phase >= 1 && lab.steps.some(({ done }) => done)) {
      section.append(
        make("p", {
          className: "guide-hint",
          textContent:
            "Or try it by hand: the two rooms are real, and so is everything on the right.",
        }),
      );
    }
    return section;
  }

  /** @param {Lab} lab */
  #check(lab) {
    const section = part("Check");
    if (lab.on?.outcome !== "PASS") {
      section.append(this.#button("check", lab.on ? "Check again" : "Check"));
    }
    if (lab.on) {
      section.append(this.#verdict(lab.on));
    }
    return section;
  }

  /** @param {Lab} lab */
  #switchOff(lab) {
    const section = part(`Switch it off: ${lab.switch_label}`);
    if (!lab.off || lab.off.outcome === "INCONCLUSIVE") {
      section.append(
        make("p", {
          className: "guide-hint",
          textContent: "The same acts and the same check, without this one mechanism.",
        }),
        this.#button("switch-off", `Switch off ${lab.switch_label} and repeat`),
      );
    }
    if (lab.off) {
      section.append(this.#verdict(lab.off));
    }
    return section;
  }

  /**
   * @param {Lab} lab
   * @param {number} phase
   */
  #why(lab, phase) {
    const text = make("div", { className: "guide-why" });
    // Written in lab/labs and rendered by our own server; nobody else's words are in it.
    text.innerHTML = lab.why;
    const links = lab.links.map(({ href, text }) =>
      make("li", {}, make("a", { href, textContent: text, target: "_blank", rel: "noopener" })),
    );
    const section = part("Why", text, make("ul", { className: "guide-links" }, ...links));
    if (lab.think_on) {
      section.append(
        make("h3", { className: "label", textContent: "Think on" }),
        make("p", { textContent: lab.think_on }),
      );
    }
    const next = make("button", {
      type: "button",
      className: "button is-primary",
      textContent: phase > 4 ? "Next lab" : "Done: next lab",
      disabled: this.#busy !== "",
    });
    next.dataset.focus = "next";
    next.addEventListener("click", () => this.#do("finish"));
    const again = make("button", {
      type: "button",
      className: "button is-quiet",
      textContent: "Start over",
    });
    again.dataset.focus = "reset";
    again.addEventListener("click", () => this.#do("reset"));
    section.append(make("p", { className: "guide-end" }, next, again));
    return section;
  }

  /** @param {Verdict} verdict */
  #verdict({ outcome, sentence, detail, trace }) {
    const card = make("div", { className: `verdict is-${outcome.toLowerCase()}`, tabIndex: -1 });
    card.setAttribute("role", "status");
    card.append(
      make("strong", { textContent: `${outcome} · ${sentence}` }),
      ...detail.slice(0, 4).map((line) => make("p", { textContent: line })),
    );
    if (trace) {
      const button = make("button", { type: "button", textContent: "Show the trace" });
      button.addEventListener("click", () => emit(this, "lab-trace", trace));
      card.append(button);
    }
    return card;
  }

  /**
   * @param {string} act
   * @param {string} text
   */
  #button(act, text) {
    const button = make("button", {
      type: "button",
      className: "button is-primary",
      textContent: text,
      disabled: this.#busy !== "",
    });
    button.dataset.focus = act;
    this.#showBusy(button, act);
    button.addEventListener("click", () => this.#do(act, {}, act));
    return button;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {string} name
   */
  #showBusy(button, name) {
    if (this.#busy === name) {
      button.classList.add("is-busy");
      button.setAttribute("aria-busy", "true");
    }
  }

  /**
   * @param {string} act
   * @param {object} body
   * @param {string} [control] which is busy until it is done
   */
  #do(act, body = {}, control = act) {
    emit(this, "lab-step", { act, body, control });
  }
}

/**
 * @param {string} title
 * @param {Node[]} children
 */
function part(title, ...children) {
  const heading = make("h3", { className: "label", textContent: title });
  return make("section", { className: "guide-part" }, heading, ...children);
}

/** @param {string[]} sentences */
function knowAfter(sentences) {
  return make(
    "div",
    { className: "guide-know" },
    make("h3", { className: "label", textContent: "You will know" }),
    make("ul", {}, ...sentences.map((textContent) => make("li", { textContent }))),
  );
}

/** @param {Step} step */
function stepWords({ sentence }) {
  return sentence ? [make("p", { className: "guide-hint", textContent: sentence })] : [];
}
