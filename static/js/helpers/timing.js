/**
 * @param {() => void} action
 * @param {number} interval milliseconds
 * @returns {() => void} does it at most once an interval: at once, and once more at its end if asked
 */
export function throttle(action, interval) {
  let waiting = false;
  let again = false;
  const run = () => {
    if (waiting) {
      again = true;
      return;
    }
    waiting = true;
    action();
    setTimeout(() => {
      waiting = false;
      if (again) {
        again = false;
        run();
      }
    }, interval);
  };
  return run;
}

/**
 * @param {number} delay milliseconds
 * @returns {Promise<void>}
 */
export function sleep(delay) {
  return new Promise((resolve) => setTimeout(resolve, delay));
}
