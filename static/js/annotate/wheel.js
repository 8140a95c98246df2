/** What a wheel means over an image: a mouse's zooms, two fingers on a trackpad move the image, their pinch zooms. */

const ZOOM_PER_NOTCH = 1.25;
const NOTCH_PIXELS = 100; // of a wheel
const NOTCH_UNITS = 120; // of the older wheelDelta, which a mouse sends in whole ones
const MAX_WHEEL_PIXELS = 200; // of one event
const LINE_PIXELS = 33; // where a wheel counts lines
const PINCH_GAIN = 4; // a pad sends a pinch as small turns of a wheel, with ctrl
const MIN_NOTCH_PIXELS = 50; // what is less comes from a pad, where there is no wheelDelta
const GESTURE_MS = 400; // events of a pad follow each other sooner
const DELTA_PIXEL = 0; // WheelEvent.DOM_DELTA_PIXEL, without a window

/**
 * @typedef {Pick<WheelEvent, "deltaX"|"deltaY"|"deltaMode"|"ctrlKey"|"shiftKey"> & {wheelDeltaY?: number}} Turn
 * @typedef {{zoom: number}|{right: number, down: number}} WheelAction a factor, or how far the image moves on the screen
 */

export class Wheel {
  constructor() {
    this.lastPadMs = -Infinity; // when a pad was used last
  }

  /** @param {Turn} turn @param {number} nowMs @returns {WheelAction} */
  read(turn, nowMs) {
    const unit = turn.deltaMode === DELTA_PIXEL ? 1 : LINE_PIXELS;
    const [right, down] = [turn.deltaX * unit, turn.deltaY * unit];
    if (turn.ctrlKey) return { zoom: zoomBy(down * PINCH_GAIN) };
    if (turn.shiftKey) return { right: -(right || down), down: 0 }; // the wheel's way to go sideways
    if (nowMs - this.lastPadMs > GESTURE_MS && !isOfPad(turn)) return { zoom: zoomBy(down) };
    this.lastPadMs = nowMs;
    return { right: -right, down: -down };
  }
}

/** @param {number} pixels */
function zoomBy(pixels) {
  const notches = Math.max(-MAX_WHEEL_PIXELS, Math.min(MAX_WHEEL_PIXELS, pixels)) / NOTCH_PIXELS;
  return ZOOM_PER_NOTCH ** -notches;
}

/** Whether two fingers on a pad did it, as far as browsers tell: they go sideways, and in steps finer than a notch.
 * @param {Turn} turn */
function isOfPad({ deltaX, deltaY, deltaMode, wheelDeltaY }) {
  if (deltaMode !== DELTA_PIXEL) return false;
  if (deltaX !== 0) return true;
  return wheelDeltaY ? wheelDeltaY % NOTCH_UNITS !== 0 : Math.abs(deltaY) < MIN_NOTCH_PIXELS;
}
