/** Text classification: shows a text, gives a button to each label. Value: {"labels": [name]}. */

import { singleLabel } from "../annotate/single_label.js";
import { makeText, summary } from "../annotate/text.js";

/** @type {import("../types.js").MakeWidget} */
export default function makeTextClassification({ reading, controls, labels, topLabels, answer }) {
  const text = makeText(reading);
  return {
    ...singleLabel({ controls, labels, topLabels, answer }),
    show({ item }) {
      text.textContent = item.content.text;
    },
    clear() {
      text.textContent = "";
    },
    summary,
  };
}
