import { make } from "../../../../../static/js/helpers/dom.js";
import { milliseconds, nameOf, whole } from "../helpers/format.js";

/** @import { Hop, Trace } from "../types.js" */

/** The whole way of one message, hop by hop, in a dialog. */
export class LabTrace extends HTMLElement {
  #dialog = make("dialog", { className: "dialog trace-dialog" });

  connectedCallback() {
    this.#dialog.setAttribute("aria-labelledby", "trace-title");
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) {
        this.#dialog.close();
      }
    });
    this.replaceChildren(this.#dialog);
  }

  /** @param {Trace} trace */
  show({ room, seq, author, text, hops, clocks }) {
    const begin = Math.min(...hops.map(({ begin_ms }) => begin_ms));
    const end = Math.max(begin + 0.1, ...hops.map(({ end_ms }) => end_ms));
    const close = make("button", {
      type: "button",
      className: "button is-small",
      textContent: "Close",
    });
    close.addEventListener("click", () => this.#dialog.close());
    this.#dialog.replaceChildren(
      make("h2", { id: "trace-title", textContent: `Message ${whole(seq)}, hop by hop` }),
      make("p", { className: "trace-text" }, make("strong", { textContent: author }), ` ${text}`),
      hops.length
        ? table(hops, begin, end)
        : make("p", { textContent: `Nothing was recorded about ${room}/${seq}.` }),
      make("p", { className: "trace-clocks", textContent: clocks }),
      make("p", { className: "dialog-actions" }, close),
    );
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
  }
}

/**
 * @param {Hop[]} hops
 * @param {number} begin
 * @param {number} end
 */
function table(hops, begin, end) {
  const head = make(
    "tr",
    {},
    ...["Hop", "Where", "After", "Took", ""].map((textContent) => {
      const cell = make(textContent ? "th" : "td", { textContent });
      cell.setAttribute("scope", "col");
      return cell;
    }),
  );
  const rows = hops.map((hop) => {
    const name = make("th", { textContent: hop.label });
    name.setAttribute("scope", "row");
    if (hop.note) {
      name.append(make("small", { textContent: hop.note }));
    }
    const bar = make("span", { className: "trace-bar" });
    bar.style.setProperty("--from", String((hop.begin_ms - begin) / (end - begin)));
    bar.style.setProperty("--share", String((hop.end_ms - hop.begin_ms) / (end - begin)));
    return make(
      "tr",
      {},
      name,
      make("td", { textContent: nameOf(hop.lane) }),
      make("td", { textContent: `+${milliseconds(hop.begin_ms - begin)}` }),
      make("td", {
        textContent: hop.end_ms > hop.begin_ms ? milliseconds(hop.end_ms - hop.begin_ms) : "",
      }),
      make("td", { className: "trace-track" }, bar),
    );
  });
  return make(
    "div",
    { className: "trace-scroll", tabIndex: 0, role: "region", ariaLabel: "Hops" },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)),
  );
}
