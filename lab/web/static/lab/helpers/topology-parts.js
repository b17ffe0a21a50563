import { nameOf } from "./format.js";
import { svg } from "./svg.js";
import { between, ends, NARROW } from "./topology-layout.js";

/** @import { EdgeState } from "../types.js" */
/** @import { Box, Layout, Point } from "./topology-layout.js" */

/** @typedef {{ element: SVGGElement, lines: SVGTextElement[] }} Part A box or an edge of the drawing. */

/**
 * @param {Part} part
 * @param {string[]} words
 */
export function setLines({ lines }, words) {
  for (const [at, line] of lines.entries()) {
    const text = words[at] ?? "";
    if (line.textContent !== text) {
      line.textContent = text;
    }
  }
}

/**
 * @param {string} name
 * @param {Box} box
 * @returns {Part}
 */
export function boxPart(name, { x, y, width, height }) {
  const isPerson = name === "ada" || name === "bob";
  const title = svg("text", { x: x + 14, y: y + 24, class: "topology-name" }, nameOf(name));
  const lines = [42, 58, 74].map((down) =>
    svg("text", { x: x + 14, y: y + (height < 50 ? down - 5 : down + 1), class: "topology-line" }),
  );
  if (height < 50) {
    title.setAttribute("y", String(y + 19));
  }
  const element = svg(
    "g",
    { class: `topology-box ${isPerson ? "is-person" : ""}`, role: "button", tabindex: 0 },
    svg("rect", { x, y, width, height, rx: 10 }),
    title,
    ...lines,
  );
  return { element, lines };
}

/**
 * @param {Layout} layout
 * @param {EdgeState} edge
 * @returns {Part}
 */
export function edgePart(layout, edge) {
  const [a, b] = ends(layout, edge.source, edge.target);
  const middle = between(a, b, 0.5);
  const line = { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
  const label = svg("text", { class: "topology-label", ...labelPlace(layout, a, b) });
  const element = svg(
    "g",
    { class: "topology-edge", role: "button", tabindex: 0 },
    svg("line", { ...line, class: "topology-reach" }),
    svg("line", { ...line, class: "topology-wire" }),
    svg("circle", { cx: middle.x, cy: middle.y, r: 4.5, class: "topology-proxy" }),
    label,
  );
  return { element, lines: [label] };
}

/**
 * @param {Layout} layout
 * @param {Point} a
 * @param {Point} b
 */
function labelPlace(layout, a, b) {
  const { x, y } = between(a, b, 0.5);
  if (Math.abs(a.x - b.x) < 1) {
    return { x: x + 12, y: y + 4, "text-anchor": "start" };
  }
  if (Math.abs(a.y - b.y) < 1) {
    return { x, y: y - 10, "text-anchor": "middle" };
  }
  if (layout === NARROW) {
    const isFirst = a.x < b.x;
    const isLong = Math.abs(a.y - b.y) > 80;
    return isLong
      ? { x: isFirst ? 8 : layout.width - 8, y: y + 66, "text-anchor": isFirst ? "start" : "end" }
      : { x: x + (isFirst ? -12 : 12), y: y + 4, "text-anchor": isFirst ? "end" : "start" };
  }
  const isFalling = a.y < b.y;
  return { x: x + 6, y: isFalling ? y - 12 : y + 22, "text-anchor": "start" };
}
