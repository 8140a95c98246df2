/**
 * An image in a frame: as large as fits, and from there zoomed and moved by wheel, trackpad, keys, buttons, drag and pinch.
 *
 * A tool, where there is one, gets the drags of one finger or of the main button; two fingers, the middle button, and
 * alt or ctrl with the main button still move the image.
 *
 * @typedef {import("./image_view.js").Point} Point
 * @typedef {import("./image_view.js").Size} Size
 * @typedef {{move(point: Point): void, end(): void, cancel(): void}} Gesture
 * @typedef {{begin(point: Point, event: PointerEvent): Gesture|null, hover(point: Point): void}} Tool points are in pixels of the image
 *
 * @typedef {object} ViewerOptions
 * @property {() => void} [onZoom] more pixels may be wanted
 * @property {() => void} [onDraw] the image is somewhere else
 * @property {Tool|null} [tool]
 */

import { distance, ImageView, midpoint } from "./image_view.js";
import { isWithin } from "./shortcuts.js";
import { Wheel } from "./wheel.js";

const ZOOM_STEP = 1.25; // of one key press
const DOUBLE_CLICK_ZOOM = 2.5;
const ARROW_STEP = 0.15; // of the frame
const MIDDLE_BUTTON = 1;

export class Viewer {
  /** @param {HTMLElement} reading @param {ViewerOptions} [options] */
  constructor(reading, { onZoom = () => {}, onDraw = () => {}, tool = null } = {}) {
    this.onZoom = onZoom;
    this.onDraw = onDraw;
    this.tool = tool;
    this.view = new ImageView();
    this.wheel = new Wheel();
    /** @type {Gesture|null} what the tool does with the pointer that is down */
    this.gesture = null;
    /** @type {HTMLImageElement|null} */
    this.image = null;
    /** @type {Map<number, Point>} where pointers are that are down, in the window */
    this.pointers = new Map();
    this.frame = document.createElement("div");
    this.frame.className = "an-frame";
    const buttons = document.createElement("div");
    buttons.className = "an-frame__tools";
    this.resetButton = makeButton("", gettext("Whole image"), "0", () => this.reset());
    buttons.append(
      makeButton("−", gettext("Smaller"), "-", () => this.zoom(1 / ZOOM_STEP)),
      this.resetButton,
      makeButton("+", gettext("Larger"), "+", () => this.zoom(ZOOM_STEP)),
    );
    this.frame.append(buttons);
    reading.append(this.frame);
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.frame);
    this.reset();
  }

  /** Show an image, which may still be loading. @param {HTMLImageElement} image @param {Size} size of the original */
  show(image, size) {
    this.cancelGesture();
    this.image?.remove();
    this.image = image;
    this.view.image = size;
    image.className = "an-frame__image";
    image.draggable = false;
    this.frame.prepend(image);
    this.reset();
  }

  /** Put another copy of the same image in its place. @param {HTMLImageElement} copy */
  replaceImage(copy) {
    if (!this.image) return;
    copy.className = this.image.className;
    copy.alt = this.image.alt;
    copy.draggable = false;
    this.image.replaceWith(copy);
    this.image = copy;
    this.draw();
  }

  clear() {
    this.cancelGesture();
    this.image?.remove();
    this.image = null;
    this.reset();
  }

  /** Show the whole image. */
  reset() {
    this.view.reset();
    this.draw();
  }

  /** Screen pixels of one pixel of the image. */
  get pixelSize() {
    return this.image ? this.view.pixelSize : 1;
  }

  /** Screen pixels of the whole image. */
  get displayedWidth() {
    return this.image ? this.view.displayed.width : 0;
  }

  /** A point of the window, in pixels of the image. @param {{clientX: number, clientY: number}} event @returns {Point} */
  pointOf({ clientX, clientY }) {
    const { left, top } = this.frame.getBoundingClientRect();
    return this.view.toImage([clientX - left, clientY - top]);
  }

  /** Move the image so that a box of it is seen. @param {{x: number, y: number, w: number, h: number}} box in its pixels */
  reveal(box) {
    this.move(...this.view.shiftToReveal(box));
  }

  /** Zoom so that what is under a point of the frame, counted from its middle, stays there.
   * @param {number} factor @param {Point} [point] */
  zoom(factor, point = [0, 0]) {
    if (!this.image) return;
    this.view.zoom(factor, point);
    this.draw();
    this.onZoom();
  }

  /** Move the image. @param {number} right @param {number} down in screen pixels */
  move(right, down) {
    if (!this.image) return;
    this.view.move(right, down);
    this.draw();
  }

  draw() {
    const { frame, image, view } = this;
    view.frame = { width: frame.clientWidth, height: frame.clientHeight };
    const percent = image ? `${Math.round(view.pixelSize * 100)} %` : "";
    this.resetButton.textContent = percent;
    this.resetButton.setAttribute("aria-label", `${percent}: ${this.resetButton.title}`);
    frame.classList.toggle("is-zoomed", view.isZoomed);
    if (image) {
      view.clamp();
      const { width, height } = view.displayed;
      const [left, top] = view.corner;
      image.style.width = `${width}px`;
      image.style.height = `${height}px`;
      image.style.transform = `translate(${left}px, ${top}px)`;
    }
    this.onDraw();
  }

  // Keys, wheel, pointers

  /** Handle a key: + - 0, and the arrows where there is something to move. @param {KeyboardEvent} event */
  handleKey({ key }) {
    if (key === "+" || key === "=") this.zoom(ZOOM_STEP);
    else if (key === "-") this.zoom(1 / ZOOM_STEP);
    else if (key === "0") this.reset();
    else return this.handleArrow(key);
    return true;
  }

  /** @param {string} key */
  handleArrow(key) {
    if (!this.view.isZoomed) return false;
    const { width, height } = this.view.frame;
    if (key === "ArrowLeft") this.move(ARROW_STEP * width, 0);
    else if (key === "ArrowRight") this.move(-ARROW_STEP * width, 0);
    else if (key === "ArrowUp") this.move(0, ARROW_STEP * height);
    else if (key === "ArrowDown") this.move(0, -ARROW_STEP * height);
    else return false;
    return true;
  }

  listen() {
    const { frame } = this;
    frame.addEventListener("wheel", (event) => this.handleWheel(event), { passive: false });
    frame.addEventListener("dblclick", (event) => {
      if (this.tool || isWithin(event.target, "button")) return;
      if (this.view.isZoomed) this.reset();
      else this.zoom(DOUBLE_CLICK_ZOOM, this.fromMiddle([event.clientX, event.clientY]));
    });
    frame.addEventListener("pointerdown", (event) => this.handlePointerDown(event));
    frame.addEventListener("pointermove", (event) => this.handlePointerMove(event));
    frame.addEventListener("pointerup", (event) => this.handlePointerEnd(event));
    frame.addEventListener("pointercancel", (event) => this.handlePointerEnd(event));
  }

  /** @param {WheelEvent} event */
  handleWheel(event) {
    event.preventDefault(); // else the page scrolls, or two fingers sideways leave it
    const action = this.wheel.read(event, performance.now());
    if ("zoom" in action) this.zoom(action.zoom, this.fromMiddle([event.clientX, event.clientY]));
    else this.move(action.right, action.down);
  }

  /** @param {PointerEvent} event */
  handlePointerDown(event) {
    if (event.button > MIDDLE_BUTTON || isWithin(event.target, "button")) return;
    if (event.button === MIDDLE_BUTTON) event.preventDefault(); // it would scroll the page
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.frame.setPointerCapture(event.pointerId);
    const movesImage = this.pointers.size > 1 || event.button === MIDDLE_BUTTON || event.altKey || event.ctrlKey;
    if (movesImage || !this.image) this.cancelGesture();
    else this.gesture = this.tool?.begin(this.pointOf(event), event) ?? null;
    this.frame.classList.toggle("is-held", !this.gesture);
  }

  /** One pointer moves the image, two also zoom it. @param {PointerEvent} event */
  handlePointerMove(event) {
    if (!this.pointers.has(event.pointerId)) {
      if (this.image) this.tool?.hover(this.pointOf(event));
      return;
    }
    const before = [...this.pointers.values()].slice(0, 2);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.gesture) {
      this.gesture.move(this.pointOf(event));
      return;
    }
    const after = [...this.pointers.values()].slice(0, 2);
    const [from, to] = [midpoint(before), midpoint(after)];
    if (before.length === 2) this.zoom(distance(after) / Math.max(1, distance(before)), this.fromMiddle(to));
    this.move(to[0] - from[0], to[1] - from[1]);
  }

  /** @param {PointerEvent} event */
  handlePointerEnd(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.frame.classList.toggle("is-held", this.pointers.size > 0);
    const { gesture } = this;
    this.gesture = null;
    if (event.type === "pointerup") gesture?.end();
    else gesture?.cancel();
  }

  /** End what a tool has begun, as if it had not been. */
  cancelGesture() {
    this.gesture?.cancel();
    this.gesture = null;
  }

  /** A point of the window, counted from the middle of the frame. @param {Point} point @returns {Point} */
  fromMiddle([clientX, clientY]) {
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    return [clientX - left - width / 2, clientY - top - height / 2];
  }
}

/** @param {string} text @param {string} name @param {string} key @param {() => void} onPress */
function makeButton(text, name, key, onPress) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "al-button al-button--small";
  button.textContent = text;
  button.setAttribute("aria-label", name);
  button.title = name;
  button.setAttribute("aria-keyshortcuts", key);
  button.addEventListener("click", onPress);
  return button;
}
