// No module itself: it says so when a module does not load, for then the page only looks alive.
(() => {
  /** milliseconds */
  const PATIENCE = 20_000;
  let started = false;
  const { classList } = document.documentElement;
  // Until the modules run, what needs them takes no click: it would be lost.
  classList.add("starting");

  // Captured: that a file did not load is told to its element only.
  addEventListener("error", (event) => isOurs(event) && complain(), true);
  document.addEventListener("started", () => {
    started = true;
    classList.add("scripted");
    classList.remove("starting");
    show(false);
  });
  document.addEventListener("DOMContentLoaded", () => setTimeout(complain, PATIENCE));

  /** @param {Event} event */
  function isOurs(event) {
    return event instanceof ErrorEvent
      ? event.filename.startsWith(location.origin)
      : event.target instanceof HTMLScriptElement;
  }

  function complain() {
    if (started) {
      return;
    }
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", complain);
      return;
    }
    // What works without scripts is shown as it is without scripts.
    classList.remove("scripted", "starting");
    show(true);
  }

  /** @param {boolean} failed */
  function show(failed) {
    const notice = document.querySelector(".startup-failed");
    if (notice instanceof HTMLElement) {
      notice.hidden = !failed;
    }
  }
})();
