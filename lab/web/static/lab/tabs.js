/** On a narrow screen the three columns are three tabs; on a wide one all are seen. */
export class Tabs {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    this.tabs = /** @type {HTMLElement[]} */ ([...page.querySelectorAll('[role="tab"]')]);
  }

  connect() {
    for (const [at, tab] of this.tabs.entries()) {
      tab.addEventListener("click", () => this.#choose(tab));
      tab.addEventListener("keydown", ({ key }) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
        const next = step && this.tabs[(at + step + this.tabs.length) % this.tabs.length];
        if (next) {
          this.#choose(next);
          next.focus();
        }
      });
    }
  }

  /** @param {HTMLElement} chosen */
  #choose(chosen) {
    for (const tab of this.tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
    this.page.dataset.column = chosen.dataset.column;
  }
}
