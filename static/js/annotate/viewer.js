/**
 * A picture in a frame: as large as fits, and from there zoomed and moved by wheel, keys, buttons, drag and pinch.
 *
 * `scale` 1 is the whole picture; `x`, `y` are where the middle of the frame is in the picture, from 0 to 1.
 *
 * A tool, where there is one, gets the drags of one finger or of the main button; two fingers, the middle button, and
 * alt or ctrl with the main button still move the picture.
 *
 * @typedef {{move(point: number[]): void, end(): void, cancel(): void}} Gesture
 * @typedef {{begin(point: number[], event: PointerEvent): Gesture, hover(point: number[]): void}} Tool
 */

const STEP = 1.25; // of one key press or one notch of a wheel
const SWIFT = 2.5; // of a double click
const MOST = 8; // screen pixels of one pixel of the picture
const ENLARGED = 4; // at most, to fill the frame
const MOVE = 0.15; // of the frame, by an arrow key

export class Viewer {
  /**
   * @param {HTMLElement} place
   * @param {object} [options]
   * @param {(viewer: Viewer) => void} [options.zoomed] when more pixels may be wanted
   * @param {() => void} [options.drawn] when the picture is at another place
   * @param {Tool|null} [options.tool] points are in pixels of the picture
   */
  constructor(place, { zoomed = () => {}, drawn = () => {}, tool = null } = {}) {
    this.frame = document.createElement("div");
    this.frame.className = "an-frame";
    this.zoomed = zoomed;
    this.drawn = drawn;
    this.tool = tool;
    /** @type {Gesture|null} */
    this.gesture = null;
    this.image = null;
    this.pointers = new Map();
    this.frame.append(this.makeTools());
    place.append(this.frame);
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.frame);
    this.reset();
  }

  makeTools() {
    const tools = document.createElement("div");
    tools.className = "an-frame__tools";
    const button = (text, words, keys, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "al-button al-button--small";
      made.textContent = text;
      made.setAttribute("aria-label", words);
      made.title = words;
      made.setAttribute("aria-keyshortcuts", keys);
      made.addEventListener("click", act);
      tools.append(made);
      return made;
    };
    button("−", gettext("Smaller"), "-", () => this.zoom(1 / STEP));
    this.whole = button("", gettext("Whole image"), "0", () => this.reset());
    button("+", gettext("Larger"), "+", () => this.zoom(STEP));
    return tools;
  }

  /** Show a picture, which may still be on its way. @param {HTMLImageElement} image @param {{width: number, height: number}} size of the original */
  show(image, size) {
    this.release();
    this.image?.remove();
    this.image = image;
    this.size = size;
    image.className = "an-frame__image";
    image.draggable = false;
    this.frame.prepend(image);
    this.reset();
  }

  /** Put a sharper copy of the same picture in its place. @param {HTMLImageElement} image */
  sharpen(image) {
    image.className = this.image.className;
    image.alt = this.image.alt;
    image.draggable = false;
    this.image.replaceWith(image);
    this.image = image;
    this.draw();
  }

  clear() {
    this.release();
    this.image?.remove();
    this.image = null;
    this.reset();
  }

  /** The whole image. */
  reset() {
    [this.scale, this.x, this.y] = [1, 0.5, 0.5];
    this.draw();
  }

  /** Screen pixels that one pixel of the original takes when all of it is seen. */
  get fit() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    return Math.max(0.001, Math.min(width / this.size.width, height / this.size.height, ENLARGED));
  }

  get most() {
    return Math.max(2, MOST / this.fit);
  }

  /** Screen pixels that one pixel of the original takes now. */
  get unit() {
    return this.image ? this.fit * this.scale : 1;
  }

  /** Where the top left corner of the picture is in the frame, in screen pixels. */
  get corner() {
    const { clientWidth, clientHeight } = this.frame;
    return [
      clientWidth / 2 - this.x * this.size.width * this.unit,
      clientHeight / 2 - this.y * this.size.height * this.unit,
    ];
  }

  /** A point of the window, in pixels of the picture. */
  pointOf({ clientX, clientY }) {
    const box = this.frame.getBoundingClientRect();
    const [left, top] = this.corner;
    return [(clientX - box.left - left) / this.unit, (clientY - box.top - top) / this.unit];
  }

  /** Move the picture so that a box of it, {x, y, w, h} in its pixels, is seen. */
  reveal({ x, y, w, h }) {
    const { clientWidth, clientHeight } = this.frame;
    const [left, top] = this.corner;
    const shift = (from, length, whole) => (from < 0 || length > whole ? -from : Math.min(0, whole - from - length));
    this.move(
      shift(left + x * this.unit, w * this.unit, clientWidth),
      shift(top + y * this.unit, h * this.unit, clientHeight),
    );
  }

  /** Screen pixels across the picture now. */
  get across() {
    return this.image ? this.size.width * this.fit * this.scale : 0;
  }

  /** Zoom so that what is under a point of the frame, from its middle, stays there. */
  zoom(factor, left = 0, top = 0) {
    if (!this.image) return;
    const before = this.scale;
    this.scale = Math.min(this.most, Math.max(1, before * factor));
    const part = (1 / before - 1 / this.scale) / this.fit;
    this.x += (left * part) / this.size.width;
    this.y += (top * part) / this.size.height;
    this.draw();
    this.zoomed(this);
  }

  /** Move the picture by so many screen pixels. */
  move(right, down) {
    if (!this.image) return;
    this.x -= right / (this.size.width * this.fit * this.scale);
    this.y -= down / (this.size.height * this.fit * this.scale);
    this.draw();
  }

  /** Whether there is more of the picture than the frame shows. */
  get isZoomed() {
    return this.scale > 1.001;
  }

  draw() {
    const percent = this.image ? `${Math.round(this.fit * this.scale * 100)} %` : "";
    this.whole.textContent = percent;
    this.whole.setAttribute("aria-label", `${percent}: ${this.whole.title}`);
    this.frame.classList.toggle("is-zoomed", this.isZoomed);
    if (!this.image) {
      this.drawn();
      return;
    }
    const width = this.size.width * this.fit * this.scale;
    const height = this.size.height * this.fit * this.scale;
    this.x = within(this.x, this.frame.clientWidth / width);
    this.y = within(this.y, this.frame.clientHeight / height);
    Object.assign(this.image.style, {
      width: `${width}px`,
      height: `${height}px`,
      transform: `translate(${this.frame.clientWidth / 2 - this.x * width}px, ${this.frame.clientHeight / 2 - this.y * height}px)`,
    });
    this.drawn();
  }

  // Keys, wheel, pointers

  /** Take a key: + - 0, and the arrows where there is something to move. @param {KeyboardEvent} event */
  key(event) {
    const { clientWidth: width, clientHeight: height } = this.frame;
    const arrows = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-") this.zoom(1 / STEP);
    else if (event.key === "0") this.reset();
    else if (arrows[event.key] && this.isZoomed) {
      this.move(arrows[event.key][0] * MOVE * width, arrows[event.key][1] * MOVE * height);
    } else return false;
    return true;
  }

  listen() {
    const { frame } = this;
    frame.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    frame.addEventListener("dblclick", (event) => {
      if (this.tool || event.target.closest("button")) return;
      if (this.isZoomed) this.reset();
      else this.zoom(SWIFT, ...this.fromMiddle(event));
    });
    frame.addEventListener("pointerdown", (event) => this.pressed(event));
    frame.addEventListener("pointermove", (event) => this.dragged(event));
    for (const name of ["pointerup", "pointercancel"]) {
      frame.addEventListener(name, (event) => {
        if (!this.pointers.delete(event.pointerId)) return;
        frame.classList.toggle("is-held", this.pointers.size > 0);
        const { gesture } = this;
        this.gesture = null;
        if (name === "pointerup") gesture?.end();
        else gesture?.cancel();
      });
    }
  }

  wheeled(event) {
    event.preventDefault();
    // a wheel's notch is about 100; a pad sends many small ones, and ctrl with them for a pinch
    const pixels = event.deltaY * (event.deltaMode === 1 ? 33 : 1) * (event.ctrlKey ? 4 : 1);
    this.zoom(STEP ** (-Math.max(-200, Math.min(200, pixels)) / 100), ...this.fromMiddle(event));
  }

  pressed(event) {
    if (event.button > 1 || event.target.closest("button")) return;
    if (event.button === 1) event.preventDefault(); // it would scroll the page
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.frame.setPointerCapture(event.pointerId);
    const moves = this.pointers.size > 1 || event.button === 1 || event.altKey || event.ctrlKey;
    if (moves || !this.image) this.release();
    else this.gesture = this.tool?.begin(this.pointOf(event), event) ?? null;
    this.frame.classList.toggle("is-held", !this.gesture);
  }

  /** End what a tool has begun, as if it had not been. */
  release() {
    this.gesture?.cancel();
    this.gesture = null;
  }

  /** One pointer moves the picture, two also zoom it. */
  dragged(event) {
    if (!this.pointers.has(event.pointerId)) {
      if (this.image) this.tool?.hover(this.pointOf(event));
      return;
    }
    if (this.gesture) {
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      this.gesture.move(this.pointOf(event));
      return;
    }
    const before = [...this.pointers.values()].slice(0, 2);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    const after = [...this.pointers.values()].slice(0, 2);
    const [from, to] = [middle(before), middle(after)];
    if (before.length === 2) {
      this.zoom(
        distance(after) / Math.max(1, distance(before)),
        ...this.fromMiddle({ clientX: to[0], clientY: to[1] }),
      );
    }
    this.move(to[0] - from[0], to[1] - from[1]);
  }

  /** A point of the window, from the middle of the frame. */
  fromMiddle({ clientX, clientY }) {
    const box = this.frame.getBoundingClientRect();
    return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  }
}

/** Keep the middle of the frame where the picture fills it; `part` is how much of the picture the frame shows. */
function within(at, part) {
  if (part >= 1) return 0.5;
  const edge = part / 2;
  return Math.min(1 - edge, Math.max(edge, at));
}

function middle(points) {
  return [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
}

function distance([a, b]) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
