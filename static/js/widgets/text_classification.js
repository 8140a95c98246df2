/**
 * Text classification: shows a text, gives a button to each label. Value: {"labels": [name]}.
 *
 * What every widget provides: show(row), clear(), press(index, event) for a label's key, suggest(value | null, score),
 * accept(value), describe(value), summary(content, characters, item). Where an answer has several parts also submit() for
 * Enter and fill(value) for one that is taken back. If it has any: key(event), which says whether the key was its own,
 * rank(likely) for the labels that come first, undo(), which says whether there was something to undo inside the item, and ahead(rows), which come next.
 */

import { oneLabel } from "../annotate/single_label.js";
import { makeText, summary } from "../annotate/text.js";

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: object[], answer: Function}} options */
export default function textClassification({ reading, controls, labels, likely, answer }) {
  const text = makeText(reading);
  return {
    ...oneLabel({ controls, labels, likely, answer }),
    show(row) {
      text.textContent = row.item.content.text;
    },
    clear() {
      text.textContent = "";
    },
    summary,
  };
}
