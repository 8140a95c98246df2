/** Say which box is active, how many there are, or what to do. */

import { describeSize } from "./list.js";

/** @typedef {import("./box_set.js").BoxSet} BoxSet */

/** @param {BoxSet} set @param {boolean} suggestsNothing */
export function describeBoxes(set, suggestsNothing) {
  if (set.active) return describeBox(set, set.active);
  if (set.all.length) return describeCounts(set);
  return suggestsNothing ? gettext("The model finds nothing here.") : gettext("Drag to draw a box, or press N.");
}

/** @param {BoxSet} set @param {import("./geometry.js").Box} box */
export function describeBox({ all }, box) {
  const label = box.suggested ? `${box.label}?` : box.label;
  const values = { label, size: describeSize(box), n: all.indexOf(box) + 1, of: all.length };
  return interpolate(gettext("%(label)s, %(size)s (%(n)s of %(of)s)"), values, true);
}

/** @param {BoxSet} set */
export function describeCounts({ boxes, suggestions }) {
  const drawn = interpolate(ngettext("%s box", "%s boxes", boxes.length), [boxes.length]);
  if (!suggestions.length) return drawn;
  const text = ngettext("%s suggestion", "%s suggestions", suggestions.length);
  const suggested = interpolate(text, [suggestions.length]);
  return boxes.length ? `${drawn}, ${suggested}` : suggested;
}
