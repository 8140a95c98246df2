/** The part of the screen that an item is read in: keys scroll it at once, wherever the focus is. */

import { isWithin } from "./shortcuts.js";

const LINE_PIXELS = 60; // of an arrow key
const PAGE_SHARE = 0.9; // of what is seen: a line or two stay in sight
const MIN_PIXELS = 2; // what is less is the rounding of a zoomed page

/**
 * How far a key scrolls; null where it is no reading key.
 * @param {Pick<KeyboardEvent, "key"|"shiftKey">} event @param {{height: number, total: number}} pane in pixels
 */
export function scrollStep({ key, shiftKey }, { height, total }) {
  const page = Math.max(LINE_PIXELS, PAGE_SHARE * height);
  switch (key) {
    case "ArrowDown":
      return LINE_PIXELS;
    case "ArrowUp":
      return -LINE_PIXELS;
    case "PageDown":
      return page;
    case "PageUp":
      return -page;
    case "Home":
      return -total;
    case "End":
      return total;
    case " ":
      return shiftKey ? -page : page;
    default:
      return null;
  }
}

/** Pixels below what is seen. @param {HTMLElement} pane */
export function pixelsBelow(pane) {
  const pixels = pane.scrollHeight - pane.clientHeight - pane.scrollTop;
  return pixels < MIN_PIXELS ? 0 : pixels;
}

export class ReadingPane {
  /** @param {HTMLElement} root @param {HTMLElement} pane */
  constructor(root, pane) {
    this.root = root;
    this.pane = pane;
    pane.addEventListener("scroll", () => this.drawMore(), { passive: true });
    const observer = new ResizeObserver(() => this.drawMore());
    for (const element of [pane, ...pane.children]) observer.observe(element);
  }

  /** Say by a shade that there is more to read. */
  drawMore() {
    this.root.classList.toggle("has-more", pixelsBelow(this.pane) > 0);
  }

  scrollToStart() {
    this.pane.scrollTop = 0;
    this.drawMore();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was a reading key */
  handleKey(event) {
    return scrollByKey(event, this.pane);
  }
}

/** Scroll by a key; false where it has another meaning. Space has it at the end, by a press of its own.
 * @param {KeyboardEvent} event @param {HTMLElement} pane */
export function scrollByKey(event, pane) {
  const step = scrollStep(event, { height: pane.clientHeight, total: pane.scrollHeight });
  if (step === null || pane.scrollHeight - pane.clientHeight < MIN_PIXELS) return false;
  if (event.key === " ") {
    if (isWithin(event.target, "button, a[href], summary")) return false; // it presses these
    if (!event.shiftKey && !pixelsBelow(pane)) return event.repeat;
  }
  pane.scrollBy({ top: step, behavior: "instant" });
  return true;
}
