// Runs before the first paint, hence no module: the page must not flash in the other colours.
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  root.dataset.theme = remembered() ?? "";

  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-theme-switch]")) {
      root.dataset.theme = isDark() ? "light" : "dark";
      remember(root.dataset.theme);
    }
  });

  function isDark() {
    const wish = root.dataset.theme;
    return wish ? wish === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function remembered() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  }

  /** @param {string} theme */
  function remember(theme) {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Then it holds for this page only.
    }
  }
})();
