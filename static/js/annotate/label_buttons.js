/**
 * A button for each label: what a widget's labels look like, whatever pressing one means.
 *
 * Where there are more of them than digits there is a field to find one by typing, names such as `food/fruit` stand under
 * what they have in common, small groups beside each other, and the labels with the highest scores may come first.
 */

import { isBounce } from "./bounce.js";
import { fillLabelButton, makeLabelButton, setLabelNote } from "./label_button.js";
import { LabelFilter } from "./label_filter.js";
import { groupLabels, longestWord } from "./label_groups.js";
import { keyOf } from "./shortcuts.js";
import { TopLabels } from "./top_labels.js";

/**
 * @typedef {import("../types.js").Label} Label
 * @typedef {import("./label_groups.js").LabelGroup & {box: HTMLElement|null}} ShownGroup
 */

const MAX_UNGROUPED_LABELS = 10;
const MAX_NARROW_GROUP_LABELS = 6; // of a group that stands as one column beside other groups
const MAX_COLUMN_CHARACTERS = 24; // of a word that may make all buttons wider

export class LabelButtons {
  /**
   * @param {HTMLElement} controls where they go
   * @param {Label[]} labels
   * @param {(index: number, event: Event) => void} onPress
   * @param {{toggle?: boolean, topLabels?: number}} [options] toggle: a button stays pressed; topLabels: how many come first
   */
  constructor(controls, labels, onPress, { toggle = false, topLabels = 0 } = {}) {
    this.labels = labels;
    /** @param {number} index @param {Event} event */
    const press = (index, event) => !(toggle && isBounce(index, event)) && onPress(index, event);
    this.buttons = labels.map((label, index) => makeLabelButton(label, (event) => press(index, event), toggle));
    this.topLabels = topLabels ? new TopLabels(controls, { labels, count: topLabels, onPress: press, toggle }) : null;
    const isGrouped = labels.length > MAX_UNGROUPED_LABELS;
    const groups = isGrouped ? groupLabels(labels) : [{ parent: "", indices: [...labels.keys()] }];
    /** @type {ShownGroup[]} */
    this.groups = groups.map((group) => ({ ...group, box: groups.length > 1 ? this.makeGroup(group) : null }));
    this.filter = isGrouped ? new LabelFilter(controls, this, { onPress, keepFocus: toggle }) : null;
    const boxes = this.groups.flatMap(({ box }) => box ?? []);
    controls.append(...(boxes.length ? boxes : this.buttons));
    arrange(controls, labels);
  }

  /** @param {import("./label_groups.js").LabelGroup} group */
  makeGroup({ parent, indices }) {
    const heading = document.createElement("p");
    heading.className = "an-labels__above";
    heading.textContent = parent || "\u00a0"; // its labels stand in line with those of other groups
    heading.setAttribute("aria-hidden", "true"); // each button says its whole name
    if (parent) {
      for (const index of indices) fillLabelButton(this.buttons[index], this.labels[index], { grouped: true });
    }
    const box = document.createElement("div");
    box.className = "an-group";
    box.classList.toggle("is-narrow", indices.length <= MAX_NARROW_GROUP_LABELS);
    box.append(heading, ...indices.map((index) => this.buttons[index]));
    return box;
  }

  /** Show only labels that match, and what stands above them.
   * @param {(name: string) => boolean} matches @returns {number[]} their indices in the order of the screen */
  show(matches) {
    /** @type {number[]} */
    const shown = [];
    for (const { box, indices } of this.groups) {
      const matching = indices.filter((index) => matches(this.labels[index].name));
      for (const index of indices) this.buttons[index].hidden = !matching.includes(index);
      if (box) box.hidden = !matching.length;
      shown.push(...matching);
    }
    return shown;
  }

  /** Handle a key: `/` goes to the field, a digit presses one of the top labels. @param {KeyboardEvent} event */
  handleKey(event) {
    return keyOf(event) === "/" ? this.focusFilter() : Boolean(this.topLabels?.handleKey(event));
  }

  /** Go to the field; false where there is none. */
  focusFilter() {
    this.filter?.focus();
    return Boolean(this.filter);
  }

  /** Show the labels with the highest scores first. @param {import("../types.js").LabelScore[]|null} scores */
  rank(scores) {
    this.topLabels?.show(scores ?? [], (index) => this.isPressed(index));
  }

  /** Press the labels of these names, and no others. @param {Iterable<string>} names */
  setPressed(names) {
    const pressed = new Set(names);
    this.labels.forEach((label, index) => this.press(index, pressed.has(label.name)));
  }

  /** Names of the pressed ones. */
  get pressed() {
    return this.labels.filter((_label, index) => this.isPressed(index)).map((label) => label.name);
  }

  /** @param {number} index */
  isPressed(index) {
    return this.buttons[index].getAttribute("aria-pressed") === "true";
  }

  /** @param {number} index */
  toggle(index) {
    this.press(index, !this.isPressed(index));
  }

  /** @param {number} index @param {boolean} pressed */
  press(index, pressed) {
    const button = this.buttons[index];
    if (button.getAttribute("aria-pressed") === String(pressed)) return;
    button.setAttribute("aria-pressed", String(pressed));
    this.topLabels?.press(index, pressed);
  }

  /** Mark what the model suggests. @param {string[]} names @param {number|null} [score] */
  suggest(names, score = null) {
    const suggested = new Set(names);
    this.labels.forEach((label, index) => {
      const isSuggested = suggested.has(label.name);
      this.buttons[index].classList.toggle("is-suggested", isSuggested);
      setLabelNote(this.buttons[index], isSuggested ? suggestionNote(score) : "");
    });
    this.topLabels?.suggest(suggested);
  }
}

/** Rows as even as can be: 9 labels are three times three. Many are as wide as their longest word needs.
 * @param {HTMLElement} controls @param {Label[]} labels */
function arrange(controls, labels) {
  const count = labels.length;
  controls.classList.toggle("an-labels--several", count > 4 && count <= 9);
  controls.classList.toggle("an-labels--many", count > 9);
  // prettier-ignore
  const columns = new Map([[5, 3], [6, 3], [7, 4], [8, 4], [9, 3]]).get(count);
  if (columns) controls.dataset.columns = String(columns);
  controls.style.setProperty("--longest", String(Math.min(MAX_COLUMN_CHARACTERS, longestWord(labels))));
}

/** @param {number|null} score */
function suggestionNote(score) {
  if (score === null) return gettext("suggested");
  return interpolate(gettext("suggested, %s %"), [Math.round(score * 100)]);
}
