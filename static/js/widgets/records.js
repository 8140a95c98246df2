/** Records: shows the columns of a row, gives a button to each label. Value: {"labels": [name]}. */

import { makeFields, summary } from "../annotate/fields.js";
import { singleLabel } from "../annotate/single_label.js";

/** @type {import("../types.js").MakeWidget} */
export default function makeRecords({ reading, controls, labels, columns, topLabels, answer }) {
  const fields = makeFields(reading, columns);
  return {
    ...singleLabel({ controls, labels, topLabels, answer }),
    show({ item }) {
      fields.show(item.content.fields);
    },
    clear() {
      fields.clear();
    },
    summary: (content, maxLength) => summary(content, columns, maxLength),
  };
}
