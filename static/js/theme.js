// Runs before the first paint, hence no module: the page must not flash in the other colours, nor
// move when a script finds out that the panel is closed.
(() => {
  const root = document.documentElement;
  /** What a reader chose for this browser; each is an attribute that the CSS asks for. */
  const CHOICES = ["theme", "density", "panel"];

  root.classList.add("scripted");
  for (const name of CHOICES) {
    root.dataset[name] = remembered(name) ?? "";
  }

  // Chosen in the account menu, by radio buttons of that name.
  document.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && isRadio(target)) {
      root.dataset[target.name] = target.value;
      remember(target.name, target.value);
    }
  });
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== null && CHOICES.includes(key)) {
      root.dataset[key] = newValue ?? "";
      showChoices();
    }
  });
  document.addEventListener("DOMContentLoaded", showChoices);
  // A browser that restores a page restores its fields too, maybe to what they were before.
  addEventListener("pageshow", showChoices);

  function showChoices() {
    for (const radio of document.querySelectorAll("input[type=radio]")) {
      if (radio instanceof HTMLInputElement && isRadio(radio)) {
        radio.checked = root.dataset[radio.name] === radio.value;
      }
    }
  }

  /** @param {HTMLInputElement} input */
  function isRadio({ type, name }) {
    return type === "radio" && CHOICES.includes(name);
  }

  /** @param {string} name */
  function remembered(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  function remember(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      // Then it holds for this page only.
    }
  }
})();
