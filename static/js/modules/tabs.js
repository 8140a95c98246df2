/** The tabs of a project: where they do not fit, the current one is scrolled into view. */

import { findOptional } from "../dom.js";

/** @param {HTMLElement} tabs */
export default function start(tabs) {
  const current = findOptional(tabs, "[aria-current]", HTMLElement);
  if (current) tabs.scrollLeft = current.offsetLeft + current.offsetWidth / 2 - tabs.clientWidth / 2;
}
