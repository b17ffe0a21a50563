/** A finger that rests so long asks for more. Milliseconds. */
const PRESS_TIME = 450;
/** A finger never rests entirely. Pixels. */
const TREMBLE = 10;

/**
 * A finger that rests on an element of a list. What is a link or a field keeps what the browser
 * offers for it.
 *
 * @param {HTMLElement} list
 * @param {string} selector
 * @param {(element: HTMLElement, target: Element) => void} then
 */
export function onLongPress(list, selector, then) {
  /** @type {{ timer: ReturnType<typeof setTimeout>, x: number, y: number } | null} */
  let press = null;
  let isDone = false;

  const end = () => {
    clearTimeout(press?.timer);
    press = null;
  };
  list.addEventListener("pointerdown", (event) => {
    end();
    isDone = false;
    const target = /** @type {Element} */ (event.target);
    const element = target.closest(selector);
    const isOurs = event.pointerType === "touch" && event.isPrimary;
    if (isOurs && element instanceof HTMLElement && !target.closest(".message-body a, textarea")) {
      const timer = setTimeout(() => {
        end();
        isDone = true;
        then(element, target);
      }, PRESS_TIME);
      press = { timer, x: event.clientX, y: event.clientY };
    }
  });
  list.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (press && Math.hypot(clientX - press.x, clientY - press.y) > TREMBLE) {
      end();
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    list.addEventListener(name, end);
  }
  list.addEventListener("scroll", end, { passive: true });
  // The browser's own answer to a long press would cover ours.
  list.addEventListener("contextmenu", (event) => {
    if (isDone || press) {
      event.preventDefault();
    }
  });
  // What the finger leaves when it is lifted is not pressed.
  list.addEventListener(
    "click",
    (event) => {
      if (isDone) {
        isDone = false;
        event.preventDefault();
        event.stopPropagation();
      }
    },
    { capture: true },
  );
}
