/**
 * Several labels a text: a label's key or button puts it on or off, Enter answers. Value: {"labels": [names]}.
 */

import { LabelButtons } from "../annotate/label_buttons.js";
import { makeText, summary } from "../annotate/text.js";

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: object[], answer: Function}} options */
export default function textMultilabel({ reading, controls, labels, likely, answer }) {
  const text = makeText(reading);
  let before = []; // what was given before each change, for undo
  const change = (names) => {
    before.push(buttons.given);
    buttons.set(names);
  };
  const press = (index) => {
    before.push(buttons.given);
    buttons.flip(index);
  };
  const buttons = new LabelButtons(controls, labels, press, { toggle: true, likely });
  const fill = (value) => {
    before = [];
    buttons.set(value?.labels ?? []);
  };
  return {
    show(row) {
      text.textContent = row.item.content.text;
      fill(null);
    },
    clear() {
      text.textContent = "";
      fill(null);
    },
    press,
    fill,
    submit(event) {
      answer({ labels: [...buttons.given].sort() }, event);
    },
    undo() {
      if (!before.length) return false;
      buttons.set(before.pop());
      return true;
    },
    key: (event) => buttons.key(event),
    rank: (found) => buttons.rank(found),
    /** Take the model's labels over; they may still be changed. */
    accept(value) {
      change(value.labels);
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
