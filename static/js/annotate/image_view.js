/**
 * Which part of an image a frame shows, without the DOM.
 *
 * `scale` 1 is the whole image; `x`, `y` are where the middle of the frame is in the image, from 0 to 1. Lengths are in
 * screen pixels unless they are said to be the image's.
 *
 * @typedef {{width: number, height: number}} Size
 * @typedef {[number, number]} Point left and top
 */

const MAX_PIXEL_SIZE = 8; // of one pixel of the image, on the screen
const MAX_ENLARGEMENT = 4; // of a small image, to fill the frame
const MIN_MAX_SCALE = 2; // every image can be zoomed as far as that
const MIN_FIT = 0.001; // of an image in a frame that has no room yet

export class ImageView {
  constructor() {
    /** @type {Size} */
    this.frame = { width: 0, height: 0 };
    /** @type {Size} in pixels of the image */
    this.image = { width: 1, height: 1 };
    /** @type {number} */
    this.scale = 1;
    /** @type {number} */
    this.x = 0.5;
    /** @type {number} */
    this.y = 0.5;
  }

  /** Show the whole image. */
  reset() {
    this.scale = 1;
    this.x = 0.5;
    this.y = 0.5;
  }

  /** What one pixel of the image takes on the screen when all of it is seen. */
  get fit() {
    const { frame, image } = this;
    return Math.max(MIN_FIT, Math.min(frame.width / image.width, frame.height / image.height, MAX_ENLARGEMENT));
  }

  get maxScale() {
    return Math.max(MIN_MAX_SCALE, MAX_PIXEL_SIZE / this.fit);
  }

  /** What one pixel of the image takes on the screen now. */
  get pixelSize() {
    return this.fit * this.scale;
  }

  /** The image on the screen. @returns {Size} */
  get displayed() {
    return { width: this.image.width * this.pixelSize, height: this.image.height * this.pixelSize };
  }

  /** Where the top left corner of the image is in the frame. @returns {Point} */
  get corner() {
    const { frame, displayed } = this;
    return [frame.width / 2 - this.x * displayed.width, frame.height / 2 - this.y * displayed.height];
  }

  /** Whether there is more of the image than the frame shows. */
  get isZoomed() {
    return this.scale > 1.001;
  }

  /** A point of the frame, in pixels of the image. @param {Point} point @returns {Point} */
  toImage([left, top]) {
    const [cornerLeft, cornerTop] = this.corner;
    return [(left - cornerLeft) / this.pixelSize, (top - cornerTop) / this.pixelSize];
  }

  /** Zoom so that what is under a point of the frame, counted from its middle, stays there.
   * @param {number} factor @param {Point} point */
  zoom(factor, [left, top]) {
    const before = this.scale;
    this.scale = Math.min(this.maxScale, Math.max(1, before * factor));
    const shift = (1 / before - 1 / this.scale) / this.fit;
    this.x += (left * shift) / this.image.width;
    this.y += (top * shift) / this.image.height;
  }

  /** Move the image. @param {number} right @param {number} down */
  move(right, down) {
    this.x -= right / this.displayed.width;
    this.y -= down / this.displayed.height;
  }

  /** Keep the middle of the frame where the image fills it. */
  clamp() {
    this.x = clampCenter(this.x, this.frame.width / this.displayed.width);
    this.y = clampCenter(this.y, this.frame.height / this.displayed.height);
  }

  /** How far to move the image so that a box of it is seen.
   * @param {{x: number, y: number, w: number, h: number}} box in pixels of the image @returns {Point} right and down */
  shiftToReveal({ x, y, w, h }) {
    const [left, top] = this.corner;
    const { frame, pixelSize } = this;
    return [
      shiftIntoView(left + x * pixelSize, w * pixelSize, frame.width),
      shiftIntoView(top + y * pixelSize, h * pixelSize, frame.height),
    ];
  }
}

/** @param {number} start @param {number} length of what is to be seen @param {number} available of the frame */
function shiftIntoView(start, length, available) {
  return start < 0 || length > available ? -start : Math.min(0, available - start - length);
}

/** @param {number} center from 0 to 1 @param {number} share of the image that the frame shows */
function clampCenter(center, share) {
  if (share >= 1) return 0.5;
  return Math.min(1 - share / 2, Math.max(share / 2, center));
}

/** @param {Point[]} points @returns {Point} */
export function midpoint(points) {
  const sum = points.reduce(([left, top], point) => [left + point[0], top + point[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

/** @param {Point[]} points two of them */
export function distance([a, b]) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
