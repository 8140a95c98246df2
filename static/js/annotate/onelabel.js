/** What the widgets have in common whose answer is one label: a press answers. Value: {"labels": [name]}. */

import { LabelButtons } from "./labelbuttons.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.controls where the buttons go
 * @param {{name: string, key: string, color: string, description: string}[]} options.labels
 * @param {(value: object, event: Event) => void} options.answer
 */
export function oneLabel({ controls, labels, answer }) {
  const press = (index, event) => answer({ labels: [labels[index].name] }, event);
  const buttons = new LabelButtons(controls, labels, press);
  return {
    press,
    key: (event) => event.key === "/" && buttons.find(),
    accept: (value) => answer(value),
    /** Mark the label that the model suggests; null takes the mark away. */
    suggest(value, score) {
      buttons.suggest(value?.labels ?? [], score);
    },
    describe(value) {
      const name = value?.labels?.[0] ?? "";
      return { name, color: labels.find((label) => label.name === name)?.color ?? "" };
    },
  };
}
