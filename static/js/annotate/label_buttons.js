/**
 * A button for each label: what a widget's labels look like, whatever pressing one means.
 *
 * Where there are more of them than digits there is a field to find one by typing, names such as `food/fruit` stand under
 * what they have in common, small groups beside each other, and the model's likeliest labels may come first.
 */

import { fillLabel, labelButton } from "./label_button.js";
import { LabelFilter } from "./label_filter.js";
import { LikelyLabels } from "./top_labels.js";

const MANY = 10;
const NARROW = 6; // labels of a group that stand one above the other, beside other groups

export class LabelButtons {
  /**
   * @param {HTMLElement} controls where they go
   * @param {{name: string, key: string, color: string, description: string}[]} labels
   * @param {(index: number, event: Event) => void} press
   * @param {{toggle?: boolean, likely?: number}} [options] toggle: a button stays pressed; likely: how many come first
   */
  constructor(controls, labels, press, { toggle = false, likely = 0 } = {}) {
    this.labels = labels;
    const many = labels.length > MANY;
    this.buttons = labels.map((label, index) => labelButton(label, (event) => press(index, event), toggle));
    this.likely = likely ? new LikelyLabels(controls, { labels, most: likely, press, toggle }) : null;
    this.groups = many ? groupsOf(labels) : [{ above: "", places: labels.map((_label, index) => index) }];
    if (many) this.filter = new LabelFilter(controls, this, { press, stays: toggle });
    if (this.groups.length > 1) controls.append(...this.groups.map((group) => this.makeGroup(group)));
    else controls.append(...this.buttons);
    arrange(controls, labels);
  }

  makeGroup(group) {
    const heading = document.createElement("p");
    heading.className = "an-labels__above";
    heading.textContent = group.above || "\u00a0"; // its labels stand in line with those of other groups
    heading.setAttribute("aria-hidden", "true"); // each button says its whole name
    if (group.above) {
      for (const place of group.places) fillLabel(this.buttons[place], this.labels[place], { under: true });
    }
    group.box = document.createElement("div");
    group.box.className = "an-group";
    group.box.classList.toggle("is-narrow", group.places.length <= NARROW);
    group.box.append(heading, ...group.places.map((place) => this.buttons[place]));
    return group.box;
  }

  /** Show only labels that fit, and what stands above them. @param {(name: string) => boolean} fits @returns {number[]} in the order of the screen */
  narrow(fits) {
    const found = [];
    for (const { box, places } of this.groups) {
      const here = places.filter((place) => fits(this.labels[place].name));
      for (const place of places) this.buttons[place].hidden = !here.includes(place);
      if (box) box.hidden = !here.length;
      found.push(...here);
    }
    return found;
  }

  /** Take a key: `/` goes to the field, a digit presses a likely label. @param {KeyboardEvent} event */
  key(event) {
    return event.key === "/" ? this.find() : Boolean(this.likely?.key(event));
  }

  /** Go to the field; false where there is none. */
  find() {
    this.filter?.focus();
    return Boolean(this.filter);
  }

  /** Show the labels that are likeliest for an item first. @param {{label: string, score: number}[]|null} likely */
  rank(likely) {
    this.likely?.show(likely ?? [], (index) => this.isPressed(index));
  }

  /** Press the labels of these names, and no others. @param {Iterable<string>} names */
  set(names) {
    const given = new Set(names);
    this.labels.forEach((label, index) => this.mark(index, given.has(label.name)));
  }

  /** Names of the pressed ones. */
  get given() {
    return this.labels.filter((_label, index) => this.isPressed(index)).map((label) => label.name);
  }

  isPressed(index) {
    return this.buttons[index].getAttribute("aria-pressed") === "true";
  }

  flip(index) {
    this.mark(index, !this.isPressed(index));
  }

  mark(index, pressed) {
    const button = this.buttons[index];
    if (button.getAttribute("aria-pressed") === String(pressed)) return;
    button.setAttribute("aria-pressed", String(pressed));
    this.likely?.mark(index, pressed);
  }

  /** Mark what the model suggests. @param {string[]} names @param {number|null} [score] */
  suggest(names, score) {
    const suggested = new Set(names);
    this.labels.forEach((label, index) => {
      const here = suggested.has(label.name);
      this.buttons[index].classList.toggle("is-suggested", here);
      this.buttons[index].querySelector(".an-label__note").textContent = here ? suggestionNote(score) : "";
    });
    this.likely?.suggest(suggested);
  }
}

/** Labels under what their names have in common before the last `/`, in the order of the first of each. */
function groupsOf(labels) {
  const byAbove = new Map();
  labels.forEach(({ name }, index) => {
    const above = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    if (!byAbove.has(above)) byAbove.set(above, []);
    byAbove.get(above).push(index);
  });
  return [...byAbove].map(([above, places]) => ({ above, places, box: null }));
}

/** Rows as even as can be: 9 labels are three times three. Many are as wide as their longest word needs. */
function arrange(controls, labels) {
  const count = labels.length;
  controls.classList.toggle("an-labels--several", count > 4 && count <= 9);
  controls.classList.toggle("an-labels--many", count > 9);
  const columns = { 5: 3, 6: 3, 7: 4, 8: 4, 9: 3 }[count];
  if (columns) controls.dataset.columns = String(columns);
  const words = labels.flatMap(({ name }) => name.split(/[\s/-]+|(?<=\p{Script=Han})/u));
  controls.style.setProperty("--longest", String(Math.min(LONGEST, Math.max(...words.map((word) => word.length)))));
}

const LONGEST = 24; // characters of a word that may make all buttons wider

function suggestionNote(score) {
  if (score === null || score === undefined) return gettext("suggested");
  return interpolate(gettext("suggested, %s %"), [Math.round(score * 100)]);
}
