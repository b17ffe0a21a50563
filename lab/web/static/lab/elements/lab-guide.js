import { emit, make } from "../../../../../static/js/helpers/dom.js";
import { phaseOf } from "../helpers/lab-phases.js";

/** @import { Lab, Step, Verdict } from "../types.js" */

/**
 * One lab, step by step. Emits `lab-step` with `act` (predict, act, check, switch-off, finish,
 * reset) and its `body`.
 */
export class LabGuide extends HTMLElement {
  /** @type {Lab | undefined} */
  #lab;
  #busy = "";
  /** Whether something was done here, so that what comes next is to be seen. */
  #isActing = false;
  #trouble = "";

  /** @param {Lab} lab */
  set lab(lab) {
    this.#lab = lab;
    this.#fill();
  }

  /** @param {string} name of what is being done; nothing else can be begun */
  set busy(name) {
    this.#busy = name;
    this.setAttribute("aria-busy", String(name !== ""));
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
    const phase = phaseOf(lab);
    this.replaceChildren(
      make("h2", { className: "guide-question", textContent: lab.question }),
      ...(lab.know_after.length && phase === 0 ? [knowAfter(lab.know_after)] : []),
      this.#predict(lab, phase),
      ...(phase >= 1 ? [this.#act(lab)] : []),
      ...(phase >= 2 || lab.on ? [this.#check(lab)] : []),
      ...(phase >= 3 ? [this.#switchOff(lab)] : []),
      ...(phase >= 4 ? [this.#why(lab)] : []),
      ...(phase >= 1 ? [this.#end(phase)] : []),
      make("p", { className: "guide-trouble", textContent: this.#trouble, role: "alert" }),
    );
    if (this.#isActing && this.#busy === "") {
      this.#isActing = false;
      this.#goOn();
    }
  }

  /** To what comes next: the latest verdict is seen, the next button has the focus. */
  #goOn() {
    const next = [...this.querySelectorAll("button.is-primary:enabled")].at(-1);
    const verdict = [...this.querySelectorAll(".verdict")].at(-1);
    if (next instanceof HTMLElement) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    }
    verdict?.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {Lab} lab
   * @param {number} phase
   */
  #predict(lab, phase) {
    const isOpen = phase <= 1 && !lab.steps.some(({ is_done }) => is_done);
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
    const ask = markup("div", "guide-hint", lab.ask);
    const group = make("fieldset", { className: "guide-choices" }, legend, ask, ...choices);
    if (phase >= 3) {
      group.append(markup("div", "guide-because", lab.because));
    }
    return group;
  }

  /** @param {Lab} lab */
  #act(lab) {
    const first = lab.steps.findIndex(({ is_done }) => !is_done);
    const steps = lab.steps.map((step, at) => {
      const isNext = at === first;
      const button = make("button", {
        type: "button",
        className: `button ${isNext ? "is-primary" : ""}`,
        textContent: step.label,
        disabled: !isNext || this.#busy !== "",
      });
      button.classList.toggle("is-done", step.is_done);
      button.dataset.focus = `act-${at}`;
      this.#showBusy(button, `act-${at}`);
      button.addEventListener("click", () => this.#do("act", { step: at }, `act-${at}`));
      return make("li", {}, button, ...stepWords(step, isNext || step.is_done));
    });
    const section = part("Act", make("ol", { className: "guide-steps" }, ...steps));
    if (lab.by_hand) {
      const summary = make("summary", { textContent: "Or by hand" });
      section.append(
        make("details", { className: "guide-hint" }, summary, markup("div", "", lab.by_hand)),
      );
    }
    return section;
  }

  /** @param {Lab} lab */
  #check(lab) {
    const section = part("Check");
    const isActed = lab.steps.every(({ is_done }) => is_done);
    if (isActed && !lab.off) {
      const isNext = lab.on?.word !== "PASS";
      const button = this.#button("check", lab.on ? "Check again" : "Check");
      button.classList.toggle("is-primary", isNext);
      button.classList.toggle("is-small", !isNext);
      section.append(button);
    }
    if (lab.on) {
      section.append(this.#verdict(lab.on));
    }
    return section;
  }

  /** @param {Lab} lab */
  #switchOff(lab) {
    const section = part(`Switch it off: ${lab.switch_label}`);
    if (lab.off?.word !== "FAIL") {
      section.append(
        markup("div", "guide-hint", lab.without),
        this.#button("switch-off", "Switch it off, and do the same again"),
      );
    }
    if (lab.off) {
      section.append(this.#verdict(lab.off));
    }
    return section;
  }

  /** @param {Lab} lab */
  #why(lab) {
    const links = lab.links.map(({ href, text }) =>
      make("li", {}, make("a", { href, textContent: text, target: "_blank", rel: "noopener" })),
    );
    const list = make("ul", { className: "guide-links" }, ...links);
    const section = part("Why", markup("div", "guide-why", lab.why), list);
    if (lab.think_on) {
      section.append(
        make("h3", { className: "label", textContent: "Think on" }),
        markup("div", "guide-why", lab.think_on),
      );
    }
    return section;
  }

  /** @param {number} phase */
  #end(phase) {
    const end = make("p", { className: "guide-end" });
    if (phase >= 4) {
      end.append(this.#button("finish", "Next lab"));
    }
    const again = this.#button("reset", "Start over");
    again.className = "button is-quiet is-small";
    end.append(again);
    return end;
  }

  /** @param {Verdict} verdict */
  #verdict({ word, sentence, trace = [] }) {
    const card = make("div", { className: `verdict is-${word.toLowerCase()}`, tabIndex: -1 });
    card.append(
      make("strong", { textContent: `${word} · ${sentence}` }),
      ...traceLines(trace, word === "FAIL"),
    );
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
    this.#isActing = true;
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

/**
 * @param {Step} step
 * @param {boolean} isShown
 */
function stepWords({ watch }, isShown) {
  return watch && isShown ? [markup("div", "guide-hint guide-watch", watch)] : [];
}

/**
 * Text of a lab: it is written in lab/labs and made HTML by our own server, and holds nobody else's
 * words.
 *
 * @param {"div"} tag
 * @param {string} className
 * @param {string} html
 */
function markup(tag, className, html) {
  const element = make(tag, { className, innerHTML: html });
  for (const link of element.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener";
  }
  return element;
}

/**
 * @param {string[]} trace
 * @param {boolean} isOpen
 */
function traceLines(trace, isOpen) {
  if (!trace.length) {
    return [];
  }
  const textContent = trace.length === 1 ? "The event" : `The ${trace.length} events`;
  const lines = trace.map((line) => make("li", { textContent: line }));
  const summary = make("summary", { textContent });
  // It scrolls, by the keyboard too.
  const list = make("ol", { tabIndex: 0, ariaLabel: textContent }, ...lines);
  return [make("details", { open: isOpen }, summary, list)];
}
