/** The boxes of an image as a list: what a screen reader has of them, and numbers to set where a drag is hard. */

import { paint } from "../colors.js";

const SIDES = [
  ["x", () => gettext("Left")],
  ["y", () => gettext("Top")],
  ["w", () => gettext("Width")],
  ["h", () => gettext("Height")],
];

/** @param {import("./geometry.js").Box} box */
export function sizeOf(box) {
  const values = { w: Math.round(box.w), h: Math.round(box.h), x: Math.round(box.x), y: Math.round(box.y) };
  return interpolate(gettext("%(w)s × %(h)s at %(x)s, %(y)s"), values, true);
}

export class BoxList {
  /**
   * @param {HTMLElement} place
   * @param {object} options
   * @param {{name: string, color: string}[]} options.labels
   * @param {(place: number) => void} options.choose
   * @param {(sides: {x: number, y: number, w: number, h: number}) => void} options.set of the chosen one
   */
  constructor(place, { labels, choose, set }) {
    this.colors = new Map(labels.map(({ name, color }) => [name, color]));
    this.choose = choose;
    this.panel = document.createElement("div");
    this.panel.className = "bx-panel";
    this.panel.id = "boxes-list";
    this.panel.hidden = true;
    this.list = document.createElement("ol");
    this.list.className = "bx-list";
    this.list.setAttribute("role", "list");
    this.list.setAttribute("aria-label", gettext("Boxes"));
    this.none = document.createElement("p");
    this.none.className = "al-muted al-small";
    this.none.textContent = gettext("No boxes yet.");
    this.panel.append(this.list, this.none);
    place.append(this.panel);
    this.lines = [];
    this.makeFields(set);
  }

  makeFields(set) {
    this.fields = document.createElement("div");
    this.fields.className = "bx-fields";
    this.inputs = SIDES.map(([side, words]) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "number";
      input.className = "al-input";
      input.min = side === "w" || side === "h" ? "1" : "0";
      input.addEventListener("change", () => {
        const [x, y, w, h] = this.inputs.map((one) => one.valueAsNumber);
        if ([x, y, w, h].every(Number.isFinite)) set({ x, y, w, h });
      });
      label.append(words(), input);
      this.fields.append(label);
      return input;
    });
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  toggle() {
    this.panel.hidden = !this.panel.hidden;
  }

  /** Nothing is drawn while it is closed. @param {import("./geometry.js").Box[]} boxes @param {object|null} active */
  draw(boxes, active) {
    if (!this.isOpen) return;
    this.none.hidden = boxes.length > 0;
    while (this.lines.length > boxes.length) this.lines.pop().item.remove();
    while (this.lines.length < boxes.length) this.lines.push(this.makeLine(this.lines.length));
    boxes.forEach((box, place) => this.drawLine(this.lines[place], box, box === active));
    if (!active) this.fields.remove();
  }

  makeLine(place) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "bx-line";
    const [swatch, name, size] = ["al-swatch", "bx-line__name", "bx-line__size"].map((className) => {
      const span = document.createElement("span");
      span.className = className;
      return span;
    });
    name.dir = "auto";
    button.append(swatch, name, size);
    button.addEventListener("click", () => this.choose(place));
    item.append(button);
    this.list.append(item);
    return { item, button, swatch, name, size, box: null, chosen: null };
  }

  drawLine(line, box, chosen) {
    if (line.box !== box) {
      line.name.textContent = box.suggested ? interpolate(gettext("%s?"), [box.label]) : box.label;
      line.size.textContent = sizeOf(box);
      delete line.swatch.dataset.color;
      paint(line.swatch, this.colors.get(box.label) ?? "#000000");
    }
    if (line.chosen !== chosen) line.button.setAttribute("aria-current", String(chosen));
    if (chosen) this.fill(line, box);
    Object.assign(line, { box, chosen });
  }

  fill(line, box) {
    if (this.fields.parentElement !== line.item) line.item.append(this.fields);
    [box.x, box.y, box.w, box.h].forEach((side, place) => (this.inputs[place].value = String(Math.round(side))));
    line.item.scrollIntoView({ block: "nearest" });
  }
}
