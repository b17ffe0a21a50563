/** A bar of the browser that comes and goes is less than a keyboard. Pixels. */
const KEYBOARD = 100;

/** With less than this the talk has the place (short-screens.css). Pixels. */
const SHORT = 320;

/**
 * Where the browser lays its soft keyboard over the page (Safari), the page ends above it. Elsewhere the
 * page is told to shrink by its viewport (interactive-widget), and this has nothing to do.
 */
export function stayAboveKeyboard() {
  const viewport = window.visualViewport;
  const { style, dataset } = document.documentElement;
  viewport?.addEventListener("resize", () => {
    const isCovered = viewport.scale === 1 && window.innerHeight - viewport.height > KEYBOARD;
    if (isCovered) {
      style.setProperty("--screen", `${viewport.height}px`);
      dataset.screen = viewport.height < SHORT ? "short" : "";
      // The browser has moved the page up for the field, which is in sight without that.
      window.scrollTo(0, 0);
    } else {
      style.removeProperty("--screen");
      delete dataset.screen;
    }
  });
}
