/**
 * The spans of one text, those that the model suggests, and what undo goes back to. Offsets are in UTF-16 units.
 *
 * A change replaces the lists and never alters them, so that a list once handed out stays as it was.
 *
 * @typedef {import("./segments.js").Span} Span
 */

import { compareSpans, overlaps } from "./segments.js";

export class SpanSet {
  /** @param {boolean} allowOverlap whether spans may overlap */
  constructor(allowOverlap) {
    this.allowOverlap = allowOverlap;
    this.clear();
  }

  clear() {
    /** @type {Span[]} */
    this.spans = [];
    /** @type {Span[]} */
    this.suggestions = [];
    /** @type {Span[][]} */
    this.past = [];
  }

  /** Those of the person and of the model. */
  get all() {
    return [...this.spans, ...this.suggestions];
  }

  /** Start from an answer; there is nothing to undo then. @param {Span[]} spans */
  load(spans) {
    this.spans = spans;
    this.past = [];
  }

  /** Whether only one of two spans can be in an answer. @param {Span} a @param {Span} b */
  conflicts(a, b) {
    return this.allowOverlap ? compareSpans(a, b) === 0 : overlaps(a, b);
  }

  /** @param {{start: number, end: number}} range */
  findAt({ start, end }) {
    return this.spans.find((span) => span.start === start && span.end === end) ?? null;
  }

  /** Label a range, in place of the spans it conflicts with; the same label once more removes it.
   * @param {{start: number, end: number}} range @param {string} label
   * @param {{keep?: boolean}} [options] keep: leave one that is there already
   * @returns {Span|null} the new span */
  label({ start, end }, label, { keep = false } = {}) {
    const span = { start, end, label, suggested: false };
    const existing = this.spans.find((other) => compareSpans(other, span) === 0);
    if (existing && keep) return existing;
    const added = existing ? null : span;
    this.replace(
      this.spans.filter((other) => !this.conflicts(other, span)),
      added,
    );
    return added;
  }

  /** @param {Span[]} spans @param {Span|null} [added] */
  replace(spans, added = null) {
    this.past.push(this.spans);
    this.spans = added ? [...spans, added] : spans;
    this.suggestions = this.suggestions.filter((suggestion) => !this.isTaken(suggestion));
  }

  /** Whether a span conflicts with one of the person's. @param {Span} span */
  isTaken(span) {
    return this.spans.some((other) => this.conflicts(other, span));
  }

  /** Remove spans; false where there were none. @param {(span: Span) => boolean} isRemoved */
  remove(isRemoved) {
    const removes = this.spans.some(isRemoved);
    if (removes) this.replace(this.spans.filter((span) => !isRemoved(span)));
    return removes;
  }

  /** False where there is nothing to undo. */
  undo() {
    const previous = this.past.pop();
    if (previous) this.spans = previous;
    return previous !== undefined;
  }

  // Suggestions

  /** Accept one, in place of the spans it conflicts with. @param {Span} suggestion @returns {Span} */
  accept(suggestion) {
    const span = { ...suggestion, suggested: false };
    this.replace(
      this.spans.filter((other) => !this.conflicts(other, span)),
      span,
    );
    return span;
  }

  /** Accept those that do not conflict with the person's spans, which stay; false where there were none. */
  acceptAll() {
    if (!this.suggestions.length) return false;
    const accepted = this.suggestions.filter((suggestion) => !this.isTaken(suggestion));
    this.suggestions = [];
    this.replace([...this.spans, ...accepted.map((suggestion) => ({ ...suggestion, suggested: false }))]);
    return true;
  }

  /** @param {Span} suggestion */
  reject(suggestion) {
    this.suggestions = this.suggestions.filter((other) => other !== suggestion);
  }
}
