/** A text with marks in the DOM, and what of it the browser has selected. Places are in UTF-16 units. */

import { paint } from "../colors.js";
import { inOrder, lanesOf, segmentsOf } from "./segments.js";

const AT_ONCE = 150; // spans that are drawn with a text; what there is beyond them is below what is seen
const LATER_MS = 50;

export class SpanText {
  /** @param {HTMLElement} text where it is drawn @param {HTMLElement} scroller what scrolls it @param {Map<string, string>} colors of labels */
  constructor(text, scroller, colors) {
    this.text = text;
    this.scroller = scroller;
    this.colors = colors;
    this.words = "";
    this.parts = []; // segments in order, with the element of each
    this.drawn = null; // the words that they are of
    this.active = null;
    this.later = 0;
  }

  /**
   * Of very many spans on a text that has none yet, those that begin first come in this frame and all a moment later.
   * @param {string} words @param {import("./segments.js").Span[]} spans
   */
  draw(words, spans) {
    clearTimeout(this.later);
    const isBare = words !== this.drawn || this.parts.length < 2;
    if (!isBare || spans.length <= AT_ONCE) {
      this.drawAll(words, spans);
      return;
    }
    this.drawAll(words, [...spans].sort(inOrder).slice(0, AT_ONCE));
    this.later = setTimeout(() => {
      this.drawAll(words, spans);
      this.activate(this.active);
    }, LATER_MS);
  }

  drawAll(words, spans) {
    this.words = words;
    const lanes = lanesOf(spans);
    const before = words === this.drawn ? this.parts : [];
    const parts = segmentsOf(words.length, spans).map((segment) => ({
      ...segment,
      lanes: segment.spans.map((span) => lanes.get(span)),
    }));
    const [head, tail] = kept(before, parts);
    for (let n = 0; n < head; n += 1) parts[n] = before[n];
    for (let n = 1; n <= tail; n += 1) parts[parts.length - n] = before[before.length - n];
    const fresh = parts.slice(head, parts.length - tail);
    for (const part of fresh) part.element = this.drawPart(part);
    for (const { element } of before.slice(head, before.length - tail)) element.remove();
    const next = tail ? parts[parts.length - tail].element : null;
    if (before.length) for (const { element } of fresh) this.text.insertBefore(element, next);
    else this.text.replaceChildren(...fresh.map(({ element }) => element));
    this.parts = parts;
    this.drawn = words;
  }

  drawPart({ start, end, spans, lanes }) {
    const element = document.createElement(spans.length ? "mark" : "span");
    element.textContent = this.words.slice(start, end);
    if (spans.length) this.drawMark(element, spans, lanes, start, end);
    return element;
  }

  drawMark(element, spans, lanes, start, end) {
    const own = spans.reduce((inner, span) => (span.start > inner.start || span.end < inner.end ? span : inner));
    element.className = "sp-mark";
    element.classList.toggle(
      "is-suggested",
      spans.every(({ suggested }) => suggested),
    );
    element.classList.toggle(
      "is-start",
      spans.some((span) => span.start === start),
    );
    paint(element, this.colors.get(own.label) ?? "label-8");
    const ending = spans.filter((span) => span.end === end);
    element.classList.toggle("is-several", ending.length > 1);
    if (ending.length) {
      element.dataset.names = ending.map(({ label, suggested }) => (suggested ? `${label}?` : label)).join(" · ");
    }
    if (spans.length > 1) this.drawLines(element, spans, lanes);
  }

  /** A line for each of the spans that lie over each other. */
  drawLines(element, spans, lanes) {
    element.classList.add("is-over");
    const color = (span) => {
      const name = this.colors.get(span.label) ?? "label-8";
      return name.startsWith("#") ? name : `var(--${name})`;
    };
    element.style.backgroundImage = spans.map((span) => `linear-gradient(${color(span)} 0 0)`).join(", ");
    element.style.backgroundSize = "100% 2px";
    element.style.backgroundPosition = lanes.map((lane) => `0 calc(100% - ${3 * lane}px)`).join(", ");
  }

  /** Show which span the keys are about. @param {object|null} span */
  activate(span) {
    this.active = span;
    for (const element of this.text.querySelectorAll(".is-active")) element.classList.remove("is-active");
    if (!span) return;
    for (const part of this.parts) if (part.spans.includes(span)) part.element.classList.add("is-active");
  }

  /** The text node and offset of a unit; at a border the end of what comes before it. */
  node(unit, after = false) {
    let low = 0;
    let high = this.parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.parts[middle].start < unit || (after && this.parts[middle].start === unit)) low = middle;
      else high = middle - 1;
    }
    const { start, element } = this.parts[low];
    return [element.firstChild, unit - start];
  }

  /** The unit that a place in the DOM stands for; null outside of the text. */
  unit(node, offset) {
    if (!this.text.contains(node)) return null;
    if (node === this.text) return this.parts[offset]?.start ?? this.words.length;
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const part = this.parts.find((one) => one.element === element);
    if (!part) return null;
    if (node.nodeType === Node.TEXT_NODE) return part.start + offset;
    return part.start + (offset ? element.textContent.length : 0);
  }

  /** What the browser has selected of the text, or null. */
  selected() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(this.text)) return null;
    const start =
      this.unit(range.startContainer, range.startOffset) ?? (this.text.contains(range.endContainer) ? 0 : null);
    const end =
      this.unit(range.endContainer, range.endOffset) ??
      (this.text.contains(range.startContainer) ? this.words.length : null);
    return start === null || end === null || start >= end ? null : { start, end };
  }

  /** Select in the browser; null takes the selection away. @param {{start: number, end: number}|null} place */
  select(place) {
    const selection = document.getSelection();
    if (place) selection.setBaseAndExtent(...this.node(place.start, true), ...this.node(place.end));
    else if (this.text.contains(selection.anchorNode)) selection.removeAllRanges();
  }

  range({ start, end }) {
    const range = document.createRange();
    range.setStart(...this.node(start, true));
    range.setEnd(...this.node(end));
    return range;
  }

  /** Scroll so that a place is in sight. */
  reveal(place) {
    const rect = this.range(place).getBoundingClientRect();
    const view = this.scroller.getBoundingClientRect();
    const line = rect.height || 24;
    if (rect.top < view.top + line) this.scroller.scrollTop -= view.top + line - rect.top;
    else if (rect.bottom > view.bottom - line) this.scroller.scrollTop += rect.bottom - view.bottom + line;
  }

  /** The unit at a point of the window; null where there is none. */
  unitAt(x, y) {
    if (document.caretPositionFromPoint) {
      const caret = document.caretPositionFromPoint(x, y);
      return caret && this.unit(caret.offsetNode, caret.offset);
    }
    const range = document.caretRangeFromPoint?.(x, y);
    return range ? this.unit(range.startContainer, range.startOffset) : null;
  }

  /** Whether a point of the window lies on the ink of a place, not only beside it. */
  covers(place, x, y) {
    return [...this.range(place).getClientRects()].some(
      (rect) => x >= rect.left - 1 && x <= rect.right + 1 && y >= rect.top - 4 && y <= rect.bottom + 4,
    );
  }
}

/** How many parts at the beginning and at the end are as they were. @returns {[number, number]} */
function kept(before, after) {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && same(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < most - head && same(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  return [head, tail];
}

function same(a, b) {
  return (
    a.start === b.start &&
    a.end === b.end &&
    a.spans.length === b.spans.length &&
    a.spans.every((span, n) => span === b.spans[n] && a.lanes[n] === b.lanes[n])
  );
}
