/**
 * The boxes of one image, those that the model suggests, which one is active, and what undo goes back to.
 *
 * A change replaces the lists and never alters them, so that a list once handed out stays as it was.
 *
 * @typedef {import("./geometry.js").Box} Box
 * @typedef {{boxes: Box[], suggestions: Box[], active: Box|null}} Snapshot
 */

import { isSameObject, isSameRectangle } from "./geometry.js";

export class BoxSet {
  constructor() {
    this.clear();
  }

  clear() {
    /** @type {Box[]} */
    this.boxes = [];
    /** @type {Box[]} */
    this.suggestions = [];
    /** @type {Box|null} */
    this.active = null;
    /** @type {Snapshot[]} */
    this.past = [];
  }

  /** Those of the person and of the model. */
  get all() {
    return [...this.boxes, ...this.suggestions];
  }

  /** The person's boxes, each once. */
  get distinct() {
    const isSame = (/** @type {Box} */ a, /** @type {Box} */ b) => isSameRectangle(a, b) && a.label === b.label;
    return this.boxes.filter((box, index) => this.boxes.findIndex((other) => isSame(other, box)) === index);
  }

  /** Start from an answer; there is nothing to undo then. @param {Box[]} boxes */
  load(boxes) {
    this.boxes = boxes;
    this.suggestions = this.suggestions.filter((suggestion) => !isAnyOf(boxes, suggestion));
    this.past = [];
  }

  /** @param {Box[]} suggestions */
  suggest(suggestions) {
    this.suggestions = suggestions;
    if (this.active?.suggested) this.active = null;
  }

  /** @returns {Snapshot} */
  snapshot() {
    return { boxes: this.boxes, suggestions: this.suggestions, active: this.active };
  }

  /** @param {Snapshot} snapshot */
  restore({ boxes, suggestions, active }) {
    this.boxes = boxes;
    this.suggestions = suggestions;
    this.active = active;
  }

  /** Keep what there is for undo. */
  remember() {
    this.past.push(this.snapshot());
  }

  /** False where there is nothing to undo; no box is active afterwards. */
  undo() {
    const previous = this.past.pop();
    if (previous) this.restore({ ...previous, active: null });
    return previous !== undefined;
  }

  /** Put a box in the place of another, or of none; it is the active one then. Suggestions of the same object go.
   * @param {Box|null} old @param {Omit<Box, "suggested">} box @returns {Box} */
  put(old, box) {
    const made = { ...box, suggested: false };
    const isReplaced = old !== null && this.boxes.includes(old);
    this.boxes = isReplaced ? this.boxes.map((other) => (other === old ? made : other)) : [...this.boxes, made];
    this.suggestions = this.suggestions.filter((other) => other !== old && !isSameObject(other, made));
    this.active = made;
    return made;
  }

  /** Remove the active box. @returns {Box|null} it, if there was one */
  removeActive() {
    const { active } = this;
    if (!active) return null;
    this.remember();
    this.boxes = this.boxes.filter((box) => box !== active);
    this.suggestions = this.suggestions.filter((box) => box !== active);
    this.active = null;
    return active;
  }

  /** Accept suggestions of other objects than the person's boxes, which stay; false where there were none. */
  acceptAll() {
    if (!this.suggestions.length) return false;
    this.remember();
    const accepted = this.suggestions.filter((suggestion) => !isAnyOf(this.boxes, suggestion));
    this.boxes = [...this.boxes, ...accepted.map((suggestion) => ({ ...suggestion, suggested: false }))];
    this.suggestions = [];
    this.active = null;
    return true;
  }
}

/** @param {Box[]} boxes @param {Box} candidate */
function isAnyOf(boxes, candidate) {
  return boxes.some((box) => isSameObject(candidate, box));
}
