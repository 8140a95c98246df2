/**
 * Boxes drawn over a picture: on a canvas, as many hundreds of them must follow a drag in every frame.
 *
 * Each outline is three lines: black, white, and the label's colour, so that it is seen on any picture. A suggestion's
 * is dashed, white where the colour is not. Screen readers have the list of boxes instead.
 */

import { color, onThemeChange } from "../colors.js";
import { HANDLES, placeOf } from "./geometry.js";

const LINE = 2; // pixels, as all below
const HANDLE = 9;
const TAG = 18;
const DASH = 6;

export class Overlay {
  /**
   * @param {import("../annotate/viewer.js").Viewer} viewer
   * @param {{name: string, key: string, color: string}[]} labels
   */
  constructor(viewer, labels) {
    this.viewer = viewer;
    this.labels = labels;
    /** @type {import("./geometry.js").Box[]} */
    this.boxes = [];
    this.active = null;
    this.waiting = 0;
    this.widths = new Map();
    [this.below, this.above] = [makeLayer(), makeLayer()];
    viewer.frame.prepend(this.below.canvas, this.above.canvas); // below the buttons; the picture comes before them
    this.forget();
    this.readColors();
    onThemeChange(() => {
      this.readColors();
      this.forget();
      this.draw();
    });
    document.fonts?.ready.then(() => {
      this.widths.clear();
      this.forget();
      this.draw();
    });
  }

  /** The boxes that lie still are to be drawn anew. */
  forget() {
    this.drawn = { view: "", still: [] };
  }

  readColors() {
    const shown = (name) => (name.startsWith("#") ? name : color(`--${name}`));
    this.colors = new Map(this.labels.map((label) => [label.name, shown(label.color)]));
    this.keys = new Map(this.labels.map((label) => [label.name, label.key.toUpperCase()]));
    this.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
  }

  /** Draw these from the next frame on. @param {import("./geometry.js").Box[]} boxes @param {object|null} active */
  show(boxes, active) {
    this.boxes = boxes;
    this.active = active;
    this.draw();
  }

  draw() {
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      this.paint();
    });
  }

  /** What moves is drawn in every frame; the others only where one of them, or the view, has changed. */
  paint() {
    const { viewer, active } = this;
    const { clientWidth: width, clientHeight: height } = viewer.frame;
    if (!viewer.image) {
      for (const layer of [this.below, this.above]) wipe(layer, width, height);
      this.forget();
      return;
    }
    [this.left, this.top] = viewer.corner;
    this.unit = viewer.unit;
    const still = this.boxes.filter((box) => box !== active);
    const view = [this.left, this.top, this.unit, width, height, devicePixelRatio].join();
    if (view !== this.drawn.view || !areSame(still, this.drawn.still)) {
      this.drawn = { view, still };
      this.context = wipe(this.below, width, height);
      this.paintStill(still, width, height);
    }
    this.context = wipe(this.above, width, height);
    if (active) this.paintActive(active);
  }

  paintStill(boxes, width, height) {
    const places = boxes.map((box) => [box, this.onScreen(box)]);
    const seen = places.filter(([, [x, y, w, h]]) => x < width && y < height && x + w > 0 && y + h > 0);
    this.outline(seen.filter(([box]) => !box.suggested));
    this.outline(seen.filter(([box]) => box.suggested));
    for (const [box, place] of seen) this.tag(box, place);
  }

  onScreen({ x, y, w, h }) {
    return [this.left + x * this.unit, this.top + y * this.unit, w * this.unit, h * this.unit];
  }

  /** One path for all boxes of a colour, and one for what is behind all of them; either all are suggested or none. */
  outline(seen, thicker = 0) {
    if (!seen.length) return;
    const all = new Path2D();
    const byColor = new Map();
    for (const [box, place] of seen) {
      all.rect(...place);
      const name = this.colors.get(box.label);
      if (!byColor.has(name)) byColor.set(name, new Path2D());
      byColor.get(name).rect(...place);
    }
    const dashed = seen[0][0].suggested;
    this.stroke(all, "rgb(0 0 0 / 70%)", LINE + (dashed ? 2 : 4) + thicker);
    this.stroke(all, "#fff", LINE + (dashed ? 0 : 2) + thicker);
    if (dashed) this.context.setLineDash([DASH, DASH]);
    for (const [name, path] of byColor) this.stroke(path, name ?? "#000", LINE + thicker);
    this.context.setLineDash([]);
  }

  stroke(path, style, width) {
    this.context.strokeStyle = style;
    this.context.lineWidth = width;
    this.context.stroke(path);
  }

  /** The name where there is room for it, else the key, else nothing. */
  tag(box, [x, y, w, h], always = false) {
    const room = w - 4;
    const words = always || this.widthOf(box.label) <= room ? box.label : (this.keys.get(box.label) ?? "");
    const wide = this.widthOf(words);
    if (!words || (!always && wide > room)) return;
    const { context } = this;
    const inside = always ? y + h : y; // handles would be in its way
    const top = y >= TAG ? y - TAG : inside;
    context.fillStyle = "#000";
    context.fillRect(x - 2, top - 1, wide + 2, TAG + 1);
    context.fillStyle = this.colors.get(box.label) ?? "#fff";
    context.fillRect(x - 2, top - 1, 4, TAG + 1);
    context.font = this.font;
    context.fillStyle = "#fff";
    context.textBaseline = "middle";
    context.fillText(words, x + 6, top + TAG / 2);
  }

  widthOf(words) {
    let width = this.widths.get(words);
    if (width === undefined) {
      const { context } = this.above;
      context.font = this.font;
      width = Math.ceil(context.measureText(words).width) + 12;
      this.widths.set(words, width);
    }
    return width;
  }

  paintActive(box) {
    const { context } = this;
    const place = this.onScreen(box);
    context.fillStyle = "rgb(255 255 255 / 18%)";
    context.fillRect(...place);
    this.outline([[box, place]], 1);
    this.tag(box, place, true);
    for (const handle of HANDLES) {
      const [left, top] = placeOf(box, handle);
      const square = [
        this.left + left * this.unit - HANDLE / 2,
        this.top + top * this.unit - HANDLE / 2,
        HANDLE,
        HANDLE,
      ];
      context.fillStyle = "#fff";
      context.fillRect(...square);
      context.strokeStyle = "#000";
      context.lineWidth = 1.5;
      context.strokeRect(...square);
    }
  }
}

function makeLayer() {
  const canvas = document.createElement("canvas");
  canvas.className = "bx-overlay";
  canvas.setAttribute("aria-hidden", "true");
  return { canvas, context: canvas.getContext("2d") };
}

/** An empty canvas of that size, in CSS pixels. */
function wipe({ canvas, context }, width, height) {
  const [across, along] = [width, height].map((side) => Math.round(side * devicePixelRatio));
  if (canvas.width !== across || canvas.height !== along) [canvas.width, canvas.height] = [across, along];
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function areSame(a, b) {
  return a.length === b.length && a.every((one, place) => one === b[place]);
}
