import { laneOf } from "./format.js";

/**
 * Where things stand, for a wide column and for a narrow one, in units of the drawing.
 *
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ width: number, height: number, boxes: Record<string, Box> }} Layout
 */

/** @type {Layout} */
export const WIDE = {
  width: 680,
  height: 310,
  boxes: {
    ada: { x: 8, y: 25, width: 120, height: 56 },
    "node-1": { x: 236, y: 8, width: 152, height: 90 },
    redis: { x: 236, y: 132, width: 152, height: 46 },
    "node-2": { x: 236, y: 212, width: 152, height: 90 },
    bob: { x: 8, y: 229, width: 120, height: 56 },
    postgres: { x: 520, y: 108, width: 152, height: 94 },
  },
};

/** @type {Layout} */
export const NARROW = {
  width: 366,
  height: 448,
  boxes: {
    ada: { x: 8, y: 8, width: 152, height: 56 },
    bob: { x: 206, y: 8, width: 152, height: 56 },
    "node-1": { x: 8, y: 112, width: 152, height: 90 },
    "node-2": { x: 206, y: 112, width: 152, height: 90 },
    redis: { x: 107, y: 252, width: 152, height: 46 },
    postgres: { x: 107, y: 346, width: 152, height: 94 },
  },
};

/**
 * Where an edge begins and ends, on the borders of its two boxes.
 *
 * @param {Layout} layout
 * @param {string} source
 * @param {string} target
 * @returns {[Point, Point]}
 */
export function ends(layout, source, target) {
  const from = layout.boxes[laneOf(source)];
  const to = layout.boxes[laneOf(target)];
  if (!from || !to) {
    throw new Error(`Nothing is drawn for ${source} or ${target}`);
  }
  if (target === "redis" || source.startsWith("people")) {
    return straight(from, to);
  }
  if (layout === NARROW) {
    // Down the outer sides, past Redis.
    const isFirst = from.x < to.x;
    return [
      { x: isFirst ? from.x + 28 : from.x + from.width - 28, y: from.y + from.height },
      { x: isFirst ? to.x : to.x + to.width, y: to.y + 40 },
    ];
  }
  const isAbove = from.y < to.y;
  return [
    { x: from.x + from.width, y: from.y + from.height / 2 },
    { x: to.x, y: to.y + to.height * (isAbove ? 0.3 : 0.7) },
  ];
}

/**
 * @param {Box} from
 * @param {Box} to
 * @returns {[Point, Point]}
 */
function straight(from, to) {
  const a = centre(from);
  const b = centre(to);
  if (Math.abs(a.x - b.x) < 1 || Math.abs(a.y - b.y) < 1) {
    return [border(from, b), border(to, a)];
  }
  // In the narrow drawing Redis stands below and between the nodes.
  const side = a.x < b.x ? 0.25 : 0.75;
  const isHigher = a.y < b.y;
  return [
    {
      x: a.x < b.x ? from.x + from.width * 0.7 : from.x + from.width * 0.3,
      y: isHigher ? from.y + from.height : from.y,
    },
    { x: to.x + to.width * side, y: isHigher ? to.y : to.y + to.height },
  ];
}

/**
 * @param {Box} box
 * @returns {Point}
 */
function centre({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height / 2 };
}

/**
 * @param {Box} box
 * @param {Point} towards straight above, below or beside it
 * @returns {Point}
 */
function border(box, towards) {
  const { x, y } = centre(box);
  if (Math.abs(towards.x - x) < 1) {
    return { x, y: towards.y > y ? box.y + box.height : box.y };
  }
  return { x: towards.x > x ? box.x + box.width : box.x, y };
}

/**
 * @param {Point} a
 * @param {Point} b
 * @param {number} share
 * @returns {Point}
 */
export function between(a, b, share) {
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
}
