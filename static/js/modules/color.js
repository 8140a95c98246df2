/** Give an element its label's colour: data-module="color" data-color="label-1" or "#a1b2c3". */

import { paint } from "../colors.js";

/** @param {HTMLElement} element */
export default function color(element) {
  paint(element, element.dataset.color ?? "");
}
