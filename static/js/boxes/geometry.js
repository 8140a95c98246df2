/**
 * Boxes on a picture, in its pixels: {x, y, w, h}. People's boxes have whole pixels and lie inside of it.
 *
 * @typedef {{x: number, y: number, w: number, h: number, label: string, suggested: boolean}} Box
 * @typedef {{width: number, height: number}} Size
 */

/** The eight places to pull at: which edges move, -1 the left or upper one, 1 the other, 0 none. */
export const HANDLES = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
];

const SAME = 0.5; // of the area that two boxes cover together

/** The box between two points. @param {number[]} a @param {number[]} b @param {Size} size */
export function between(a, b, size) {
  const [left, right] = edges(a[0], b[0], size.width);
  const [top, bottom] = edges(a[1], b[1], size.height);
  return { x: left, y: top, w: right - left, h: bottom - top };
}

/** Two whole numbers at least one apart, from 0 to a length. */
function edges(a, b, most) {
  const low = clamp(Math.round(Math.min(a, b)), 0, most - 1);
  return [low, clamp(Math.round(Math.max(a, b)), low + 1, most)];
}

/** A box at another place, as large as before. @param {Box} box @param {Size} size */
export function moved(box, right, down, size) {
  return {
    ...box,
    x: clamp(Math.round(box.x + right), 0, Math.max(0, size.width - box.w)),
    y: clamp(Math.round(box.y + down), 0, Math.max(0, size.height - box.h)),
  };
}

/** A box with one corner or edge somewhere else. @param {Box} box @param {number[]} handle of HANDLES @param {Size} size */
export function pulled(box, [across, along], right, down, size) {
  const [left, top, end, bottom] = [box.x, box.y, box.x + box.w, box.y + box.h];
  return {
    ...box,
    ...between(
      [left + (across < 0 ? right : 0), top + (along < 0 ? down : 0)],
      [end + (across > 0 ? right : 0), bottom + (along > 0 ? down : 0)],
      size,
    ),
  };
}

/** A box with these sides, where they make one: whole, one pixel at least, inside. @param {Box} box @param {Size} size */
export function withSides(box, { x, y, w, h }, size) {
  const left = clamp(Math.round(x), 0, size.width - 1);
  const top = clamp(Math.round(y), 0, size.height - 1);
  return { ...box, ...between([left, top], [left + Math.max(1, w), top + Math.max(1, h)], size) };
}

/** Whether two boxes are meant for the same thing. */
export function alike(a, b) {
  const across = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const along = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (across <= 0 || along <= 0) return false;
  const shared = across * along;
  return shared >= SAME * (a.w * a.h + b.w * b.h - shared);
}

export function samePlace(a, b) {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}

/** The smallest box that a point is in, or within reach of. @param {Box[]} boxes @param {number} reach in pixels of the picture */
export function boxAt(boxes, [x, y], reach) {
  return boxes.reduce((best, box) => {
    const inside = x >= box.x - reach && y >= box.y - reach && x <= box.x + box.w + reach && y <= box.y + box.h + reach;
    return inside && (!best || box.w * box.h < best.w * best.h) ? box : best;
  }, null);
}

/** The handle of a box that is at a point; none in its middle, where it is taken as a whole. */
export function handleAt(box, [x, y], reach) {
  const inner = (at, from, length) => Math.abs(at - from - length / 2) < length / 6;
  if (inner(x, box.x, box.w) && inner(y, box.y, box.h)) return null;
  let best = null;
  let least = reach;
  for (const handle of HANDLES) {
    const [left, top] = placeOf(box, handle);
    const far = Math.hypot(x - left, y - top);
    if (far <= least) [best, least] = [handle, far];
  }
  return best;
}

/** @param {Box} box @param {number[]} handle */
export function placeOf(box, [across, along]) {
  return [box.x + (box.w * (across + 1)) / 2, box.y + (box.h * (along + 1)) / 2];
}

export function clamp(at, low, high) {
  return Math.min(high, Math.max(low, at));
}
