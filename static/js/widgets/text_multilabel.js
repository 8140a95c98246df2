/** Several labels a text: a label's key or button puts it on or off, Enter answers. Value: {"labels": [names]}. */

import { LabelButtons } from "../annotate/label_buttons.js";
import { makeText, summary } from "../annotate/text.js";

/** @type {import("../types.js").MakeWidget} */
export default function makeTextMultilabel({ reading, controls, labels, topLabels, answer }) {
  const text = makeText(reading);
  const buttons = new LabelButtons(controls, labels, press, { toggle: true, topLabels });
  /** @type {string[][]} labels before each change, for undo */
  let past = [];

  /** @param {number} index */
  function press(index) {
    past.push(buttons.pressed);
    buttons.toggle(index);
  }

  /** @param {import("../types.js").AnswerValue|null} value */
  function setValue(value) {
    past = [];
    buttons.setPressed(value?.labels ?? []);
  }

  return {
    press,
    draft: () => ({ labels: buttons.pressed }),
    setValue,
    show({ item }) {
      text.textContent = item.content.text;
      setValue(null);
    },
    clear() {
      text.textContent = "";
      setValue(null);
    },
    submit(event) {
      answer({ labels: buttons.pressed.sort() }, event);
    },
    undo() {
      const previous = past.pop();
      if (previous) buttons.setPressed(previous);
      return previous !== undefined;
    },
    handleKey: (event) => buttons.handleKey(event),
    rankLabels: (scores) => buttons.rank(scores),
    /** The labels may still be changed. */
    accept(value) {
      past.push(buttons.pressed);
      buttons.setPressed(value.labels ?? []);
    },
    suggest(value) {
      buttons.suggest(value?.labels ?? []); // the score is that of all labels together
    },
    describe(value) {
      const names = value?.labels ?? [];
      const first = labels.find((label) => label.name === names[0]);
      return { name: names.join(", ") || gettext("none of the labels"), color: first?.color ?? "" };
    },
    summary,
  };
}
