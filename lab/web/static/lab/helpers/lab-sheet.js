import { make } from "../../../../../static/js/helpers/dom.js";

/** @import { Lab, Link, Sheet } from "../types.js" */

/**
 * A lab as the guide shows it.
 *
 * @param {Sheet} sheet
 * @returns {Lab}
 */
export function labOf(sheet) {
  const { progress, acted } = sheet;
  return {
    n: sheet.number,
    title: sheet.title,
    question: plain(sheet.question),
    know_after: sheet.know_after,
    minutes: sheet.minutes,
    ask: sheet.predict,
    choices: sheet.choices,
    right: sheet.right,
    because: sheet.because,
    steps: sheet.steps.map((step, at) => ({ ...step, is_done: at < acted })),
    by_hand: sheet.by_hand,
    switch_label: sheet.switch_label,
    without: sheet.without,
    why: sheet.why,
    links: linksOf(sheet),
    think_on: sheet.think_on,
    predicted: progress.predicted ?? null,
    on: progress.with_guarantee ?? null,
    off: progress.without_guarantee ?? null,
    is_done: sheet.done,
  };
}

/**
 * @param {Sheet} sheet
 * @returns {Link[]}
 */
function linksOf({ code_links, adr, reading }) {
  return [
    ...code_links.map(({ symbol, path, line }) => ({
      href: `/code/${path}${line ? `#L${line}` : ""}`,
      text: `${symbol} in ${path}`,
    })),
    { href: `/code/docs/adr/${adr}`, text: `The decision: ${adr.replace(/\.md$/, "")}` },
    ...reading.map(([text, href]) => ({ href, text })),
  ];
}

/** @param {string} html */
function plain(html) {
  return make("div", { innerHTML: html }).textContent ?? "";
}
