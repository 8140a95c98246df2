/** The boxes of an image as a list: what a screen reader has of them, and numbers to set where a drag is hard. */

import { paint } from "../colors.js";
import { span } from "../dom.js";

/**
 * @typedef {import("./geometry.js").Box} Box
 * @typedef {import("./geometry.js").Rectangle} Rectangle
 * @typedef {object} Line
 * @property {HTMLLIElement} item
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} swatch
 * @property {HTMLElement} name
 * @property {HTMLElement} size
 * @property {Box|null} box what it shows
 * @property {boolean|null} isActive
 */

/** @param {Rectangle} box */
export function describeSize(box) {
  const values = { w: Math.round(box.w), h: Math.round(box.h), x: Math.round(box.x), y: Math.round(box.y) };
  return interpolate(gettext("%(w)s × %(h)s at %(x)s, %(y)s"), values, true);
}

export class BoxList {
  /**
   * @param {HTMLElement} reading
   * @param {object} options
   * @param {{name: string, color: string}[]} options.labels
   * @param {(index: number) => void} options.onSelect
   * @param {(rectangle: Rectangle) => void} options.onChange of the active box
   */
  constructor(reading, { labels, onSelect, onChange }) {
    this.colors = new Map(labels.map(({ name, color }) => [name, color]));
    this.onSelect = onSelect;
    this.panel = document.createElement("div");
    this.panel.className = "bx-panel";
    this.panel.id = "boxes-list";
    this.panel.hidden = true;
    this.list = document.createElement("ol");
    this.list.className = "bx-list";
    this.list.setAttribute("role", "list");
    this.list.setAttribute("aria-label", gettext("Boxes"));
    this.empty = document.createElement("p");
    this.empty.className = "al-muted al-small";
    this.empty.textContent = gettext("No boxes yet.");
    this.panel.append(this.list, this.empty);
    reading.append(this.panel);
    /** @type {Line[]} */
    this.lines = [];
    this.fields = document.createElement("div");
    this.fields.className = "bx-fields";
    this.inputs = {
      x: this.makeInput(gettext("Left"), "0", onChange),
      y: this.makeInput(gettext("Top"), "0", onChange),
      w: this.makeInput(gettext("Width"), "1", onChange),
      h: this.makeInput(gettext("Height"), "1", onChange),
    };
  }

  /** @param {string} name @param {string} min @param {(rectangle: Rectangle) => void} onChange */
  makeInput(name, min, onChange) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "number";
    input.className = "al-input";
    input.min = min;
    input.addEventListener("change", () => {
      const { x, y, w, h } = this.inputs;
      const rectangle = { x: x.valueAsNumber, y: y.valueAsNumber, w: w.valueAsNumber, h: h.valueAsNumber };
      if (Object.values(rectangle).every(Number.isFinite)) onChange(rectangle);
    });
    label.append(name, input);
    this.fields.append(label);
    return input;
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  toggle() {
    this.panel.hidden = !this.panel.hidden;
  }

  /** Nothing is drawn while it is closed. @param {Box[]} boxes @param {Box|null} active */
  draw(boxes, active) {
    if (!this.isOpen) return;
    this.empty.hidden = boxes.length > 0;
    for (const { item } of this.lines.splice(boxes.length)) item.remove();
    while (this.lines.length < boxes.length) this.lines.push(this.makeLine(this.lines.length));
    boxes.forEach((box, index) => this.drawLine(this.lines[index], box, box === active));
    if (!active) this.fields.remove();
  }

  /** @param {number} index @returns {Line} */
  makeLine(index) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "bx-line";
    const swatch = span("al-swatch");
    const name = span("bx-line__name");
    const size = span("bx-line__size");
    name.dir = "auto";
    button.append(swatch, name, size);
    button.addEventListener("click", () => this.onSelect(index));
    item.append(button);
    this.list.append(item);
    return { item, button, swatch, name, size, box: null, isActive: null };
  }

  /** @param {Line} line @param {Box} box @param {boolean} isActive */
  drawLine(line, box, isActive) {
    if (line.box !== box) {
      line.name.textContent = box.suggested ? interpolate(gettext("%s?"), [box.label]) : box.label;
      line.size.textContent = describeSize(box);
      delete line.swatch.dataset.color;
      paint(line.swatch, this.colors.get(box.label) ?? "#000000");
    }
    if (line.isActive !== isActive) line.button.setAttribute("aria-current", String(isActive));
    if (isActive) this.fill(line.item, box);
    line.box = box;
    line.isActive = isActive;
  }

  /** @param {HTMLElement} item @param {Box} box */
  fill(item, box) {
    if (this.fields.parentElement !== item) item.append(this.fields);
    const { x, y, w, h } = this.inputs;
    x.value = String(Math.round(box.x));
    y.value = String(Math.round(box.y));
    w.value = String(Math.round(box.w));
    h.value = String(Math.round(box.h));
    item.scrollIntoView({ block: "nearest" });
  }
}
