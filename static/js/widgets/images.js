/** Image classification: the picture fills the sheet, with a button for each label. Value: {"labels": [name]}. */

import { ItemPicture } from "../annotate/item_image.js";
import { oneLabel } from "../annotate/single_label.js";
import { nameOf } from "../annotate/image_cache.js";

const NAME = 140; // characters

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: {key: string}[], answer: Function}} options */
export default function images({ reading, controls, labels, likely, answer }) {
  const label = oneLabel({ controls, labels, likely, answer });
  const picture = new ItemPicture(reading);
  return {
    ...label,
    find: label.key,
    show: (row) => picture.show(row),
    clear: () => picture.clear(),
    ahead: (rows) => picture.ahead(rows),
    key(event) {
      return label.key(event) || (!labels.some(({ key }) => key === event.key) && picture.viewer.key(event));
    },
    summary: (_content, most = NAME, item) => nameOf(item).slice(0, most),
  };
}
