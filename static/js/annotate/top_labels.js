/**
 * The labels with the highest predicted probability for an item, before all the others and with the digits.
 *
 * From the first item on that a model has ranked labels for, their buttons keep their room where nothing is known or told
 * of one, so that nothing moves; the digits do nothing then, lest a person used to them give a label that happens to be
 * there, and a line says so. On a phone, where room is dear, the line keeps the first row alone.
 */

import { span } from "../dom.js";
import { fillLabelButton, makeLabelButton, setLabelNote } from "./label_button.js";
import { digitOf } from "./shortcuts.js";

/**
 * @typedef {import("../types.js").Label} Label
 * @typedef {import("../types.js").LabelScore} LabelScore
 */

const NO_LABEL = { name: "", color: "label-8", description: "" };

/** The first of some scores whose labels are still there: one may have been retired since the model was fitted.
 * @param {LabelScore[]} scores best first @param {Map<string, number>} indices of labels by name @param {number} count
 * @returns {{index: number, score: number}[]} */
export function selectTopLabels(scores, indices, count) {
  const current = scores.flatMap(({ label, score }) => {
    const index = indices.get(label);
    return index === undefined ? [] : [{ index, score }];
  });
  return current.slice(0, count);
}

export class TopLabels {
  /**
   * @param {HTMLElement} controls
   * @param {object} options
   * @param {Label[]} options.labels
   * @param {number} options.count
   * @param {(index: number, event: Event) => void} options.onPress
   * @param {boolean} options.toggle
   */
  constructor(controls, { labels, count, onPress, toggle }) {
    this.labels = labels;
    this.onPress = onPress;
    this.indices = new Map(labels.map(({ name }, index) => [name, index]));
    /** @type {{index: number, score: number}[]} one a button, from the first on */
    this.shown = [];
    this.buttons = Array.from({ length: count }, (_, position) => {
      const label = { ...NO_LABEL, key: String(position + 1) };
      return makeLabelButton(label, (event) => this.onPress(this.shown[position].index, event), toggle);
    });
    this.box = document.createElement("div");
    this.box.className = "an-top-labels";
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", gettext("Likeliest labels"));
    this.box.append(...this.buttons, makeEmptyLine());
    this.box.hidden = true;
    controls.append(this.box);
  }

  /** @param {LabelScore[]} scores @param {(index: number) => boolean} isPressed */
  show(scores, isPressed) {
    this.shown = selectTopLabels(scores, this.indices, this.buttons.length);
    if (this.shown.length) this.box.hidden = false;
    this.box.classList.toggle("is-none", !this.shown.length);
    this.buttons.forEach((button, position) => {
      const shown = this.shown.at(position);
      button.classList.toggle("is-absent", !shown);
      fillLabelButton(button, { ...(shown ? this.labels[shown.index] : NO_LABEL), key: String(position + 1) });
      setLabelNote(button, shown ? `${Math.round(shown.score * 100)} %` : "");
      if (shown) this.press(shown.index, isPressed(shown.index));
    });
  }

  /** @param {number} index of a label @param {boolean} pressed */
  press(index, pressed) {
    const button = this.buttons[this.shown.findIndex((shown) => shown.index === index)];
    if (button?.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(pressed));
  }

  /** @param {Set<string>} names */
  suggest(names) {
    this.buttons.forEach((button, position) => {
      const shown = this.shown.at(position);
      button.classList.toggle("is-suggested", shown !== undefined && names.has(this.labels[shown.index].name));
    });
  }

  /** Handle a digit. @param {KeyboardEvent} event */
  handleKey(event) {
    const position = Number(digitOf(event)) - 1;
    if (!this.buttons[position]) return false;
    const shown = this.shown.at(position);
    if (shown && !event.repeat) this.onPress(shown.index, event);
    return true;
  }
}

/** What stands there for an item without any: one text for keys, and one for touch. */
function makeEmptyLine() {
  const line = document.createElement("p");
  line.className = "an-top-labels__none";
  line.append(
    span("al-by-keys", gettext("No suggestions for this item: type / to find a label.")),
    span("al-by-touch", gettext("No suggestions for this item: find a label below.")),
  );
  return line;
}
