/** Records: shows the columns of a row, gives a button to each label. Value: {"labels": [name]}. */

import { makeFields, summary } from "../annotate/fields.js";
import { oneLabel } from "../annotate/single_label.js";

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: object[], columns: string[], answer: Function}} options */
export default function records({ reading, controls, labels, columns, likely, answer }) {
  const fields = makeFields(reading, columns);
  return {
    ...oneLabel({ controls, labels, likely, answer }),
    show(row) {
      fields.show(row.item.content.fields);
    },
    clear() {
      fields.clear();
    },
    summary: (content, most) => summary(content, columns, most),
  };
}
