/**
 * Boxes drawn over a picture: on a canvas, as many hundreds of them must follow a drag in every frame.
 *
 * Each outline is three lines: black, white, and the label's colour, so that it is seen on any picture. What a
 * suggestion is, is dashed. Screen readers have the list of boxes instead.
 */

import { color, onThemeChange } from "../colors.js";
import { HANDLES, placeOf } from "./geometry.js";

const LINE = 2; // pixels, as all below
const HANDLE = 9;
const TAG = 18;
const DASHES = [7, 5];

export class Overlay {
  /**
   * @param {import("../annotate/viewer.js").Viewer} viewer
   * @param {{name: string, key: string, color: string}[]} labels
   */
  constructor(viewer, labels) {
    this.viewer = viewer;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "bx-overlay";
    this.canvas.setAttribute("aria-hidden", "true");
    viewer.frame.append(this.canvas);
    this.context = this.canvas.getContext("2d");
    this.labels = labels;
    /** @type {import("./geometry.js").Box[]} */
    this.boxes = [];
    this.active = null;
    this.waiting = 0;
    this.widths = new Map();
    this.readColors();
    onThemeChange(() => {
      this.readColors();
      this.draw();
    });
    document.fonts?.ready.then(() => this.widths.clear());
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

  paint() {
    const { context, viewer, canvas } = this;
    const { clientWidth: width, clientHeight: height } = viewer.frame;
    const ratio = devicePixelRatio;
    const [across, along] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== across || canvas.height !== along) [canvas.width, canvas.height] = [across, along];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!viewer.image) return;
    [this.left, this.top] = viewer.corner;
    this.unit = viewer.unit;
    const seen = this.boxes.map((box) => [box, this.onScreen(box)]).filter(([, [x, y, w, h]]) => x < width && y < height && x + w > 0 && y + h > 0);
    this.outline(seen.filter(([box]) => !box.suggested && box !== this.active));
    context.setLineDash(DASHES);
    this.outline(seen.filter(([box]) => box.suggested && box !== this.active));
    context.setLineDash([]);
    for (const [box, place] of seen) if (box !== this.active) this.tag(box, place);
    if (this.active) this.paintActive(this.active);
  }

  onScreen({ x, y, w, h }) {
    return [this.left + x * this.unit, this.top + y * this.unit, w * this.unit, h * this.unit];
  }

  /** One path for all boxes of a colour, and one for what is behind all of them. */
  outline(seen, thicker = 0) {
    if (!seen.length) return;
    const { context } = this;
    const all = new Path2D();
    const byColor = new Map();
    for (const [box, place] of seen) {
      all.rect(...place);
      const name = this.colors.get(box.label);
      if (!byColor.has(name)) byColor.set(name, new Path2D());
      byColor.get(name).rect(...place);
    }
    this.stroke(all, "rgb(0 0 0 / 70%)", LINE + 4 + thicker);
    this.stroke(all, "#fff", LINE + 2 + thicker);
    for (const [name, path] of byColor) this.stroke(path, name ?? "#000", LINE + thicker);
    context.lineWidth = 1;
  }

  stroke(path, style, width) {
    this.context.strokeStyle = style;
    this.context.lineWidth = width;
    this.context.stroke(path);
  }

  /** The name where there is room for it, else the key, else nothing. */
  tag(box, [x, y, w], always = false) {
    const room = w - 4;
    const words = always || this.widthOf(box.label) <= room ? box.label : this.keys.get(box.label) ?? "";
    const wide = this.widthOf(words);
    if (!words || (!always && wide > room)) return;
    const { context } = this;
    const top = y >= TAG ? y - TAG : y;
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
      this.context.font = this.font;
      width = Math.ceil(this.context.measureText(words).width) + 12;
      this.widths.set(words, width);
    }
    return width;
  }

  paintActive(box) {
    const { context } = this;
    const place = this.onScreen(box);
    context.fillStyle = "rgb(255 255 255 / 18%)";
    context.fillRect(...place);
    if (box.suggested) context.setLineDash(DASHES);
    this.outline([[box, place]], 1);
    context.setLineDash([]);
    this.tag(box, place, true);
    for (const handle of HANDLES) {
      const [left, top] = placeOf(box, handle);
      const square = [this.left + left * this.unit - HANDLE / 2, this.top + top * this.unit - HANDLE / 2, HANDLE, HANDLE];
      context.fillStyle = "#fff";
      context.fillRect(...square);
      context.strokeStyle = "#000";
      context.lineWidth = 1.5;
      context.strokeRect(...square);
    }
  }
}
