/** What the widgets have in common whose answer is one label: a press answers. Value: {"labels": [name]}. */

import { LabelButtons } from "./label_buttons.js";

/**
 * @typedef {import("../types.js").AnswerValue} AnswerValue
 * @typedef {import("../types.js").LabelScore} LabelScore
 */

/**
 * @param {object} options
 * @param {HTMLElement} options.controls where the buttons go
 * @param {import("../types.js").Label[]} options.labels
 * @param {number} [options.topLabels] how many of the labels with the highest scores come first
 * @param {(value: AnswerValue, event?: Event) => void} options.answer
 */
export function singleLabel({ controls, labels, topLabels, answer }) {
  /** @param {number} index @param {Event} event */
  const press = (index, event) => answer({ labels: [labels[index].name] }, event);
  const buttons = new LabelButtons(controls, labels, press, { topLabels });
  return {
    press,
    /** @param {KeyboardEvent} event */
    handleKey: (event) => buttons.handleKey(event),
    /** @param {LabelScore[]|null} scores */
    rankLabels: (scores) => buttons.rank(scores),
    /** @param {AnswerValue} value */
    accept: (value) => answer(value),
    /** @param {AnswerValue|null} value @param {number|null} [score] */
    suggest(value, score) {
      buttons.suggest(value?.labels ?? [], score);
    },
    /** @param {AnswerValue|null} value */
    describe(value) {
      const name = value?.labels?.[0] ?? "";
      const label = labels.find((candidate) => candidate.name === name);
      return { name: label?.words ?? name, color: label?.color ?? "" };
    },
  };
}
