/**
 * Boxes drawn over an image: on a canvas, as many hundreds of them must follow a drag in every frame.
 *
 * Each outline is three lines: black, white, and the label's colour, so that it is seen on any image. A suggestion's
 * is dashed, white where the colour is not. Screen readers have the list of boxes instead.
 */

import { onThemeChange, resolveColor } from "../colors.js";
import { handlePosition, HANDLES } from "./geometry.js";

/**
 * @typedef {import("./geometry.js").Box} Box
 * @typedef {[number, number, number, number]} ScreenBox left, top, width and height in the frame
 * @typedef {{canvas: HTMLCanvasElement, context: CanvasRenderingContext2D}} Layer
 */

const LINE_PIXELS = 2;
const HANDLE_PIXELS = 9;
const TAG_PIXELS = 18; // high
const TAG_PADDING_PIXELS = 6;
const DASH_PIXELS = 6;

export class Overlay {
  /**
   * @param {import("../annotate/viewer.js").Viewer} viewer
   * @param {import("../types.js").Label[]} labels
   */
  constructor(viewer, labels) {
    this.viewer = viewer;
    this.labels = labels;
    /** @type {Box[]} */
    this.boxes = [];
    /** @type {Box|null} */
    this.active = null;
    this.frameRequest = 0; // 0: none
    /** @type {Map<string, number>} */
    this.textWidths = new Map();
    this.stillLayer = makeLayer();
    this.activeLayer = makeLayer();
    viewer.frame.prepend(this.stillLayer.canvas, this.activeLayer.canvas); // before the buttons, after the image
    /** @type {Map<string, string>} resolved, by label */
    this.colors = new Map();
    this.keys = new Map(labels.map(({ name, key }) => [name, key.toUpperCase()]));
    this.font = "";
    /** @type {{view: string, boxes: Box[]}} what the layer of still boxes shows */
    this.drawn = { view: "", boxes: [] };
    this.readStyle();
    onThemeChange(() => {
      this.readStyle();
      this.invalidate();
      this.draw();
    });
    document.fonts?.ready.then(() => {
      this.textWidths.clear();
      this.invalidate();
      this.draw();
    });
  }

  /** Have the boxes that are not active drawn again. */
  invalidate() {
    this.drawn = { view: "", boxes: [] };
  }

  readStyle() {
    for (const { name, color } of this.labels) {
      this.colors.set(name, color.startsWith("#") ? color : resolveColor(`--${color}`));
    }
    this.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
  }

  /** Draw these from the next frame on. @param {Box[]} boxes @param {Box|null} active */
  show(boxes, active) {
    this.boxes = boxes;
    this.active = active;
    this.draw();
  }

  draw() {
    this.frameRequest ||= requestAnimationFrame(() => {
      this.frameRequest = 0;
      this.paint();
    });
  }

  /** The active box is drawn in every frame; the others only where one of them, or the view, has changed. */
  paint() {
    const { viewer, active } = this;
    const { clientWidth: width, clientHeight: height } = viewer.frame;
    if (!viewer.image) {
      for (const layer of [this.stillLayer, this.activeLayer]) clearLayer(layer, width, height);
      this.invalidate();
      return;
    }
    const still = this.boxes.filter((box) => box !== active);
    const view = [...viewer.view.corner, viewer.pixelSize, width, height, devicePixelRatio].join();
    if (view !== this.drawn.view || !hasSameElements(still, this.drawn.boxes)) {
      this.drawn = { view, boxes: still };
      clearLayer(this.stillLayer, width, height);
      this.paintStill(this.stillLayer.context, still, width, height);
    }
    clearLayer(this.activeLayer, width, height);
    if (active) this.paintActive(this.activeLayer.context, active);
  }

  /** @param {CanvasRenderingContext2D} context @param {Box[]} boxes @param {number} width @param {number} height of the frame */
  paintStill(context, boxes, width, height) {
    const visible = boxes
      .map((box) => ({ box, rect: this.onScreen(box) }))
      .filter(({ rect: [x, y, w, h] }) => x < width && y < height && x + w > 0 && y + h > 0);
    this.outline(
      context,
      visible.filter(({ box }) => !box.suggested),
    );
    this.outline(
      context,
      visible.filter(({ box }) => box.suggested),
    );
    for (const { box, rect } of visible) this.tag(context, box, rect);
  }

  /** @param {import("./geometry.js").Rectangle} box @returns {ScreenBox} */
  onScreen({ x, y, w, h }) {
    const { pixelSize, view } = this.viewer;
    const [left, top] = view.corner;
    return [left + x * pixelSize, top + y * pixelSize, w * pixelSize, h * pixelSize];
  }

  /** One path for all boxes of a colour, and one for what is behind all of them; either all are suggested or none.
   * @param {CanvasRenderingContext2D} context @param {{box: Box, rect: ScreenBox}[]} visible @param {number} [extraPixels] */
  outline(context, visible, extraPixels = 0) {
    if (!visible.length) return;
    const all = new Path2D();
    /** @type {Map<string, Path2D>} */
    const byColor = new Map();
    for (const { box, rect } of visible) {
      all.rect(...rect);
      const color = this.colors.get(box.label) ?? "#000";
      const path = byColor.get(color) ?? new Path2D();
      path.rect(...rect);
      byColor.set(color, path);
    }
    const isDashed = visible[0].box.suggested;
    stroke(context, all, "rgb(0 0 0 / 70%)", LINE_PIXELS + (isDashed ? 2 : 4) + extraPixels);
    stroke(context, all, "#fff", LINE_PIXELS + (isDashed ? 0 : 2) + extraPixels);
    if (isDashed) context.setLineDash([DASH_PIXELS, DASH_PIXELS]);
    for (const [color, path] of byColor) stroke(context, path, color, LINE_PIXELS + extraPixels);
    context.setLineDash([]);
  }

  /** The name where there is room for it, else the key, else nothing.
   * @param {CanvasRenderingContext2D} context @param {Box} box @param {ScreenBox} rect */
  tag(context, box, [x, y, w]) {
    const room = w - 4;
    const candidates = [box.label, this.keys.get(box.label) ?? ""];
    const text = candidates.find((candidate) => this.widthOf(candidate) <= room);
    if (text) this.paintTag(context, text, box.label, x, y >= TAG_PIXELS ? y - TAG_PIXELS : y);
  }

  /** @param {CanvasRenderingContext2D} context @param {string} text @param {string} label
   * @param {number} left @param {number} top */
  paintTag(context, text, label, left, top) {
    context.fillStyle = "#000";
    context.fillRect(left - 2, top - 1, this.widthOf(text) + 2, TAG_PIXELS + 1);
    context.fillStyle = this.colors.get(label) ?? "#fff";
    context.fillRect(left - 2, top - 1, 4, TAG_PIXELS + 1);
    context.font = this.font;
    context.fillStyle = "#fff";
    context.textBaseline = "middle";
    context.fillText(text, left + TAG_PADDING_PIXELS, top + TAG_PIXELS / 2);
  }

  /** Pixels of a tag. @param {string} text */
  widthOf(text) {
    let width = this.textWidths.get(text);
    if (width === undefined) {
      const { context } = this.activeLayer;
      context.font = this.font;
      width = Math.ceil(context.measureText(text).width) + 2 * TAG_PADDING_PIXELS;
      this.textWidths.set(text, width);
    }
    return width;
  }

  /** @param {CanvasRenderingContext2D} context @param {Box} box */
  paintActive(context, box) {
    const rect = this.onScreen(box);
    context.fillStyle = "rgb(255 255 255 / 18%)";
    context.fillRect(...rect);
    this.outline(context, [{ box, rect }], 1);
    const [x, y, , h] = rect;
    this.paintTag(context, box.label, box.label, x, y >= TAG_PIXELS ? y - TAG_PIXELS : y + h); // never over the handles
    for (const handle of HANDLES) {
      const [left, top] = handlePosition(box, handle);
      const [middle, center] = this.onScreen({ x: left, y: top, w: 0, h: 0 });
      /** @type {ScreenBox} */
      const square = [middle - HANDLE_PIXELS / 2, center - HANDLE_PIXELS / 2, HANDLE_PIXELS, HANDLE_PIXELS];
      context.fillStyle = "#fff";
      context.fillRect(...square);
      context.strokeStyle = "#000";
      context.lineWidth = 1.5;
      context.strokeRect(...square);
    }
  }
}

/** @returns {Layer} */
function makeLayer() {
  const canvas = document.createElement("canvas");
  canvas.className = "bx-overlay";
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw on a canvas.");
  return { canvas, context };
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} style @param {number} width */
function stroke(context, path, style, width) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.stroke(path);
}

/** Make a layer empty, and of that size in CSS pixels. @param {Layer} layer @param {number} width @param {number} height */
function clearLayer({ canvas, context }, width, height) {
  const [deviceWidth, deviceHeight] = [width, height].map((side) => Math.round(side * devicePixelRatio));
  if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
    canvas.width = deviceWidth;
    canvas.height = deviceHeight;
  }
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
}

/** @param {Box[]} a @param {Box[]} b */
function hasSameElements(a, b) {
  return a.length === b.length && a.every((box, index) => box === b[index]);
}
