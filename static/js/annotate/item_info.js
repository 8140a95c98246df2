/** What is said about an item beside its content: why it was assigned, why it comes alone, columns to read only. */

import { find, findOptional } from "../dom.js";
import { describeReason } from "./reasons.js";

/** @typedef {import("../types.js").Assignment} Assignment */

export class ItemInfo {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.reason = find(root, '[data-part="reason"]');
    this.columns = find(root, '[data-part="columns"]');
    this.alone = findOptional(root, '[data-part="alone"]', HTMLElement); // in projects with grids
  }

  /** @param {Assignment} assignment @param {import("./item_buffer.js").ItemBuffer} buffer */
  show(assignment, buffer) {
    const [text, sentence] = describeReason(assignment);
    this.reason.textContent = text;
    this.reason.title = sentence;
    this.columns.replaceChildren(...columnElements(assignment.item.meta ?? {}));
    if (this.alone) this.alone.textContent = buffer.usesGrids ? explainAlone(assignment, buffer) : "";
  }
}

/** Why an item comes by itself. @param {Assignment} assignment @param {import("./item_buffer.js").ItemBuffer} buffer */
function explainAlone({ item, round }, buffer) {
  if (buffer.pickedOutItems.has(item.id)) return gettext("You picked it out of the grid.");
  if (round === null && !buffer.forGrids.length) {
    return gettext("The grid comes when a model has learnt from the first answers. Until then it is one by one.");
  }
  return gettext("Asked alone, between two grids.");
}

/** @param {Record<string, any>} meta values by column */
function columnElements(meta) {
  const columns = Object.entries(meta).filter(([, value]) => value !== "" && value !== null);
  return columns.flatMap(([name, value]) => [makeElement("dt", name), makeElement("dd", String(value))]);
}

/** @param {"dt"|"dd"} tag @param {string} text */
function makeElement(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  element.dir = "auto";
  return element;
}
