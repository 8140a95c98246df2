/** Image classification: the image fills the sheet, with a button for each label. Value: {"labels": [name]}. */

import { imageName } from "../annotate/image_cache.js";
import { ItemImage } from "../annotate/item_image.js";
import { labelIndexOf } from "../annotate/shortcuts.js";
import { singleLabel } from "../annotate/single_label.js";

const MAX_NAME_CHARACTERS = 140;

/** @type {import("../types.js").MakeWidget} */
export default function makeImageClassification({ reading, controls, labels, topLabels, answer }) {
  const label = singleLabel({ controls, labels, topLabels, answer });
  const image = new ItemImage(reading);
  return {
    ...label,
    handleKeyInGrid: label.handleKey,
    show: (assignment) => image.show(assignment),
    clear: () => image.clear(),
    prefetch: (assignments) => image.prefetch(assignments),
    handleKey(event) {
      if (label.handleKey(event)) return true;
      return labelIndexOf(event, labels) < 0 && image.viewer.handleKey(event);
    },
    summary: (_content, maxLength = MAX_NAME_CHARACTERS, item) => imageName(item).slice(0, maxLength),
  };
}
