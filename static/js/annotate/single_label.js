/** What the widgets have in common whose answer is one label: a press answers. Value: {"labels": [name]}. */

import { LabelButtons } from "./label_buttons.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.controls where the buttons go
 * @param {import("./label_button.js").Label[]} options.labels
 * @param {number} [options.likely] how many of the model's likeliest labels come first
 * @param {(value: object, event: Event) => void} options.answer
 */
export function oneLabel({ controls, labels, likely, answer }) {
  const press = (index, event) => answer({ labels: [labels[index].name] }, event);
  const buttons = new LabelButtons(controls, labels, press, { likely });
  return {
    press,
    key: (event) => buttons.key(event),
    rank: (found) => buttons.rank(found),
    accept: (value) => answer(value),
    /** Mark the label that the model suggests; null takes the mark away. */
    suggest(value, score) {
      buttons.suggest(value?.labels ?? [], score);
    },
    describe(value) {
      const name = value?.labels?.[0] ?? "";
      const label = labels.find((one) => one.name === name);
      return { name: label?.words ?? name, color: label?.color ?? "" };
    },
  };
}
