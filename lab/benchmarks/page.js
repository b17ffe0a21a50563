// Put into the room page by page.py before the page's own scripts: the browser holds the stopwatch.
// All times in milliseconds.

/** What a step of the timeline is (static/js/models/view.js). */
const PAGE = 50;
const PATIENCE = 20_000;

const stopwatch = {
  /** How long after the visit began the first message was on the screen, and the room live. */
  message: until("li.message"),
  live: until("[data-phase=live]"),
  /** How long after the list of rooms came over the socket it was on the screen. */
  list: listed(),

  /** @type {{ gaps: number[], work: number[], long: number[], keys: number[] }} */
  frames: { gaps: [], work: [], long: [], keys: [] },

  /**
   * Scrolls to the top so many times, and waits for what is older each time.
   *
   * @param {number} pages
   */
  async scrollBack(pages) {
    const list = /** @type {HTMLElement} */ (document.querySelector("message-list"));
    const rows = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("li.message")]);
    const oldest = () => Number(rows()[0]?.dataset.seq);
    let moved = 0;
    let most = 0;
    /** @type {number[]} */
    const turns = [];
    for (let page = 0; page < pages; page++) {
      const before = oldest();
      list.scrollTop = 0;
      const began = performance.now();
      const top = list.getBoundingClientRect().top;
      const row = rows().find((row) => row.getBoundingClientRect().bottom > top);
      const stood = row?.getBoundingClientRect().top ?? 0;
      for (let after = 0; after < 3; ) {
        await painted();
        moved = Math.max(moved, Math.abs((row?.getBoundingClientRect().top ?? 0) - stood));
        most = Math.max(most, rows().length);
        if (oldest() <= before - PAGE && after++ === 0) {
          turns.push(performance.now() - began);
        }
        if (performance.now() > began + PATIENCE) {
          throw new Error(`Nothing older than ${before} came.`);
        }
      }
    }
    return { moved, most, turns, oldest: oldest() };
  },

  /**
   * @param {string} key
   * @returns {Promise<number>} how long after the click the room with its last message was on the screen
   */
  async switchTo(key) {
    const link = /** @type {HTMLElement} */ (document.querySelector(`a[data-room="${key}"]`));
    const list = /** @type {HTMLElement} */ (document.querySelector("message-list"));
    const began = performance.now();
    link.click();
    while (list.ariaBusy === "true" || !list.querySelector(`a[href^="/rooms/${key}/"]`)) {
      await painted();
      if (performance.now() > began + PATIENCE) {
        throw new Error(`${key} was not shown.`);
      }
    }
    await painted();
    return performance.now() - began;
  },

  /** Notes every frame and every key from now on. */
  watch() {
    const { gaps, work, long, keys } = this.frames;
    let last = 0;
    requestAnimationFrame(function frame(now) {
      if (last > 0) {
        gaps.push(now - last);
      }
      last = now;
      const began = performance.now();
      done().then(() => work.push(performance.now() - began));
      requestAnimationFrame(frame);
    });
    new PerformanceObserver((list) => {
      long.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: "longtask" });
    const note = (/** @type {KeyboardEvent} */ { timeStamp }) => {
      painted().then(() => keys.push(performance.now() - timeStamp));
    };
    addEventListener("keydown", note, { capture: true });
  },
};

/** Settled when the frame that comes next has been styled, laid out and painted. */
function painted() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => done().then(resolve));
  });
}

/** Settled when the frame that is being made is done. */
function done() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
}

/**
 * @param {string} selector
 * @returns {Promise<number>}
 */
function until(selector) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`No ${selector} within ${PATIENCE} ms.`)), PATIENCE);
    const observer = new MutationObserver(() => {
      if (document.querySelector(selector)) {
        observer.disconnect();
        painted().then(() => resolve(performance.now()));
      }
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  });
}

/** @returns {Promise<number>} */
function listed() {
  return new Promise((resolve) => {
    globalThis.WebSocket = class extends WebSocket {
      /** @param {ConstructorParameters<typeof WebSocket>} address */
      constructor(...address) {
        super(...address);
        // Ours is called before the page's own.
        this.addEventListener("message", ({ data }) => {
          if (String(data).includes('"type":"rooms.state"')) {
            const came = performance.now();
            painted().then(() => resolve(performance.now() - came));
          }
        });
      }
    };
  });
}

Object.assign(globalThis, { stopwatch });
