/**
 * Boxes on an image, in its pixels. People's boxes have whole pixels and lie inside of it.
 *
 * @typedef {{x: number, y: number, w: number, h: number}} Rectangle
 * @typedef {Rectangle & {label: string, suggested: boolean}} Box
 * @typedef {import("../annotate/image_view.js").Size} Size
 * @typedef {import("../annotate/image_view.js").Point} Point
 * @typedef {readonly [-1|0|1, -1|0|1]} Handle which edges move: -1 the left or upper one, 1 the other, 0 none
 */

// prettier-ignore
/** @type {readonly Handle[]} clockwise from the upper left corner */
export const HANDLES = [[-1, -1], [0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0]];

const MIN_SAME_IOU = 0.5; // intersection over union

/** The box between two points. @param {Point} a @param {Point} b @param {Size} size of the image @returns {Rectangle} */
export function boxBetween(a, b, size) {
  const [left, right] = edgesBetween(a[0], b[0], size.width);
  const [top, bottom] = edgesBetween(a[1], b[1], size.height);
  return { x: left, y: top, w: right - left, h: bottom - top };
}

/** Two whole numbers at least one apart, from 0 to a length. @param {number} a @param {number} b @param {number} length */
function edgesBetween(a, b, length) {
  const low = clamp(Math.round(Math.min(a, b)), 0, length - 1);
  return [low, clamp(Math.round(Math.max(a, b)), low + 1, length)];
}

/** A box elsewhere, as large as before. @template {Rectangle} B @param {B} box
 * @param {number} right @param {number} down @param {Size} size of the image @returns {B} */
export function moveBox(box, right, down, size) {
  return {
    ...box,
    x: clamp(Math.round(box.x + right), 0, Math.max(0, size.width - box.w)),
    y: clamp(Math.round(box.y + down), 0, Math.max(0, size.height - box.h)),
  };
}

/** A box with one corner or edge somewhere else. @template {Rectangle} B @param {B} box @param {Handle} handle
 * @param {number} right @param {number} down @param {Size} size of the image @returns {B} */
export function resizeBox(box, [horizontal, vertical], right, down, size) {
  const [left, top, end, bottom] = [box.x, box.y, box.x + box.w, box.y + box.h];
  return {
    ...box,
    ...boxBetween(
      [left + (horizontal < 0 ? right : 0), top + (vertical < 0 ? down : 0)],
      [end + (horizontal > 0 ? right : 0), bottom + (vertical > 0 ? down : 0)],
      size,
    ),
  };
}

/** A box with these numbers, made valid: whole, one pixel at least, inside.
 * @template {Rectangle} B @param {B} box @param {Rectangle} rectangle @param {Size} size of the image @returns {B} */
export function withRectangle(box, { x, y, w, h }, size) {
  const left = clamp(Math.round(x), 0, size.width - 1);
  const top = clamp(Math.round(y), 0, size.height - 1);
  return { ...box, ...boxBetween([left, top], [left + Math.max(1, w), top + Math.max(1, h)], size) };
}

/** Whether two boxes are meant for the same object. @param {Rectangle} a @param {Rectangle} b */
export function isSameObject(a, b) {
  const width = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return false;
  const intersection = width * height;
  return intersection >= MIN_SAME_IOU * (a.w * a.h + b.w * b.h - intersection);
}

/** @param {Rectangle} a @param {Rectangle} b */
export function isSameRectangle(a, b) {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}

/** The smallest box that a point is in, or within reach of.
 * @template {Rectangle} B @param {B[]} boxes @param {Point} point @param {number} reach in pixels of the image
 * @returns {B|null} */
export function boxAt(boxes, [x, y], reach) {
  const reached = boxes.filter(
    (box) => x >= box.x - reach && y >= box.y - reach && x <= box.x + box.w + reach && y <= box.y + box.h + reach,
  );
  return reached.toSorted((a, b) => a.w * a.h - b.w * b.h)[0] ?? null;
}

/** The handle of a box that is nearest to a point; null out of reach, and in its middle, where it is taken as a whole.
 * @param {Rectangle} box @param {Point} point @param {number} reach in pixels of the image */
export function handleAt(box, [x, y], reach) {
  if (isInMiddleThird(x, box.x, box.w) && isInMiddleThird(y, box.y, box.h)) return null;
  /** @type {Handle|null} */
  let nearest = null;
  let least = reach;
  for (const handle of HANDLES) {
    const [left, top] = handlePosition(box, handle);
    const distance = Math.hypot(x - left, y - top);
    if (distance <= least) [nearest, least] = [handle, distance];
  }
  return nearest;
}

/** @param {number} position @param {number} start @param {number} length */
function isInMiddleThird(position, start, length) {
  return Math.abs(position - start - length / 2) < length / 6;
}

/** @param {Rectangle} box @param {Handle} handle @returns {Point} */
export function handlePosition(box, [horizontal, vertical]) {
  return [box.x + (box.w * (horizontal + 1)) / 2, box.y + (box.h * (vertical + 1)) / 2];
}

/** @param {number} value @param {number} low @param {number} high */
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
