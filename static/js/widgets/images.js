/**
 * Image classification: the picture fills the sheet, with a button for each label. Value: {"labels": [name]}.
 *
 * The original is fetched only where somebody zooms in so far that the copy for the screen has not enough pixels.
 */

import { oneLabel } from "../annotate/onelabel.js";
import { addressOf, fetched, nameOf, Pictures } from "../annotate/pictures.js";
import { Viewer } from "../annotate/viewer.js";

const NAME = 140; // characters

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: {key: string}[], answer: Function}} options */
export default function images({ reading, controls, labels, answer }) {
  const label = oneLabel({ controls, labels, answer });
  const pictures = new Pictures();
  const viewer = new Viewer(reading, { zoomed: sharpen });
  const trouble = document.createElement("p");
  trouble.className = "an-frame__trouble";
  trouble.setAttribute("role", "alert");
  viewer.frame.append(trouble);
  let shown = null;
  let sharp = false;

  /** @param {object} row */
  function show(row) {
    shown = row.item;
    sharp = false;
    const image = pictures.of(row.item);
    trouble.textContent = "";
    viewer.show(image, row.item.content);
    image.decode().catch(() => {
      if (viewer.image !== image) return;
      pictures.drop(row.item);
      trouble.textContent = gettext("The image cannot be loaded. Skip it, or load the page again.");
    });
  }

  /** Fetch the original once the copy is shown larger than it is. */
  function sharpen() {
    const { image } = viewer;
    const there = image?.naturalWidth ?? 0;
    if (sharp || !there || there >= shown.content.width || viewer.across * devicePixelRatio <= 1.25 * there) return;
    sharp = true;
    const original = fetched(addressOf(shown.id, "full"), image.alt);
    original.decode().then(() => viewer.image === image && viewer.sharpen(original), () => {});
  }

  return {
    ...label,
    show,
    clear() {
      shown = null;
      trouble.textContent = "";
      viewer.clear();
    },
    /** The rows that come next. */
    ahead: (rows) => pictures.ahead(rows),
    key(event) {
      return label.key(event) || (!labels.some(({ key }) => key === event.key) && viewer.key(event));
    },
    summary: (_content, most = NAME, item) => nameOf(item).slice(0, most),
  };
}
