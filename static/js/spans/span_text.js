/** A text with marks in the DOM, and what of it the browser has selected. Offsets are in UTF-16 units. */

import { paint } from "../colors.js";
import { lowerBound } from "./offsets.js";
import { assignLanes, compareSpans, cutIntoSegments } from "./segments.js";

/**
 * @typedef {import("./offsets.js").Range} Range
 * @typedef {import("./segments.js").Span} Span
 * @typedef {import("./segments.js").Segment & {lanes: number[]}} Layout
 * @typedef {Layout & {element: HTMLElement}} DrawnSegment
 */

const MAX_SPANS_AT_ONCE = 150; // those after them are below what is seen
const REMAINING_SPANS_DELAY_MS = 50;
const FALLBACK_COLOR = "label-8";
const LANE_PIXELS = 3;
const TOUCH_SLACK_PIXELS = { across: 1, along: 4 };

export class SpanText {
  /** @param {HTMLElement} text where it is drawn @param {HTMLElement} scroller what scrolls it
   * @param {Map<string, string>} colors of labels */
  constructor(text, scroller, colors) {
    this.text = text;
    this.scroller = scroller;
    this.colors = colors;
    this.content = "";
    /** @type {DrawnSegment[]} in order */
    this.segments = [];
    /** @type {string|null} the content that they are of */
    this.drawnContent = null;
    /** @type {Span|null} */
    this.active = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  /**
   * Of very many spans on a text that has none yet, those that begin first come in this frame and all a moment later.
   * @param {string} content @param {Span[]} spans
   */
  draw(content, spans) {
    clearTimeout(this.timer);
    const isBare = content !== this.drawnContent || this.segments.length < 2;
    if (!isBare || spans.length <= MAX_SPANS_AT_ONCE) {
      this.drawAll(content, spans);
      return;
    }
    this.drawAll(content, spans.toSorted(compareSpans).slice(0, MAX_SPANS_AT_ONCE));
    this.timer = setTimeout(() => {
      this.drawAll(content, spans);
      this.activate(this.active);
    }, REMAINING_SPANS_DELAY_MS);
  }

  /** Elements of segments that stay the same stay too. @param {string} content @param {Span[]} spans */
  drawAll(content, spans) {
    this.content = content;
    const lanes = assignLanes(spans);
    const before = content === this.drawnContent ? this.segments : [];
    const after = cutIntoSegments(content.length, spans).map((segment) => ({
      ...segment,
      lanes: segment.spans.map((span) => lanes.get(span) ?? 0),
    }));
    const [head, tail] = countUnchanged(before, after);
    const fresh = after
      .slice(head, after.length - tail)
      .map((segment) => ({ ...segment, element: this.makeElement(segment) }));
    for (const { element } of before.slice(head, before.length - tail)) element.remove();
    const kept = before.slice(before.length - tail);
    const elements = fresh.map(({ element }) => element);
    if (!before.length) this.text.replaceChildren(...elements);
    else if (kept.length) kept[0].element.before(...elements);
    else this.text.append(...elements);
    this.segments = [...before.slice(0, head), ...fresh, ...kept];
    this.drawnContent = content;
  }

  /** @param {Layout} segment */
  makeElement(segment) {
    const element = document.createElement(segment.spans.length ? "mark" : "span");
    element.textContent = this.content.slice(segment.start, segment.end);
    if (segment.spans.length) this.drawMark(element, segment);
    return element;
  }

  /** @param {HTMLElement} element @param {Layout} segment */
  drawMark(element, { start, end, spans, lanes }) {
    const innermost = spans.reduce((inner, span) => (span.start > inner.start || span.end < inner.end ? span : inner));
    element.className = "sp-mark";
    element.classList.toggle(
      "is-suggested",
      spans.every(({ suggested }) => suggested),
    );
    element.classList.toggle(
      "is-start",
      spans.some((span) => span.start === start),
    );
    paint(element, this.colorOf(innermost));
    const ending = spans.filter((span) => span.end === end);
    element.classList.toggle("is-several", ending.length > 1);
    if (ending.length) {
      element.dataset.names = ending.map(({ label, suggested }) => (suggested ? `${label}?` : label)).join(" · ");
    }
    if (spans.length > 1) this.drawLines(element, spans, lanes);
  }

  /** A line for each of the overlapping spans. @param {HTMLElement} element @param {Span[]} spans @param {number[]} lanes */
  drawLines(element, spans, lanes) {
    element.classList.add("is-over");
    const colors = spans.map((span) => this.colorOf(span));
    const resolved = colors.map((color) => (color.startsWith("#") ? color : `var(--${color})`));
    element.style.backgroundImage = resolved.map((color) => `linear-gradient(${color} 0 0)`).join(", ");
    element.style.backgroundSize = "100% 2px";
    element.style.backgroundPosition = lanes.map((lane) => `0 calc(100% - ${LANE_PIXELS * lane}px)`).join(", ");
  }

  /** @param {Span} span */
  colorOf({ label }) {
    return this.colors.get(label) ?? FALLBACK_COLOR;
  }

  /** Show which span the keys are about. @param {Span|null} span */
  activate(span) {
    this.active = span;
    for (const element of this.text.querySelectorAll(".is-active")) element.classList.remove("is-active");
    if (!span) return;
    for (const { spans, element } of this.segments) if (spans.includes(span)) element.classList.add("is-active");
  }

  get isRightToLeft() {
    return getComputedStyle(this.text).direction === "rtl";
  }

  /** The text node and offset of a unit; at a border the end of what comes before it, or the start of what comes after.
   * @param {number} unit @param {boolean} [after] @returns {[Node, number]} */
  nodeAt(unit, after = false) {
    const next = lowerBound(this.segments, ({ start }) => (after ? start > unit : start >= unit));
    const { start, element } = this.segments[Math.max(0, next - 1)];
    return [element.firstChild ?? element, unit - start];
  }

  /** The unit that a position in the DOM stands for; null outside of the text.
   * @param {Node} node @param {number} offset */
  unitOf(node, offset) {
    if (!this.text.contains(node)) return null;
    if (node === this.text) return this.segments[offset]?.start ?? this.content.length;
    const isText = node.nodeType === Node.TEXT_NODE;
    const element = isText ? node.parentElement : node;
    const segment = this.segments.find((candidate) => candidate.element === element);
    if (!segment) return null;
    if (isText) return segment.start + offset;
    return offset ? segment.end : segment.start;
  }

  /** What the browser has selected of the text, or null. @returns {Range|null} */
  selected() {
    const selection = document.getSelection();
    if (!selection?.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(this.text)) return null;
    const { startContainer, endContainer } = range;
    const start = this.unitOf(startContainer, range.startOffset) ?? (this.text.contains(endContainer) ? 0 : null);
    const end =
      this.unitOf(endContainer, range.endOffset) ?? (this.text.contains(startContainer) ? this.content.length : null);
    return start === null || end === null || start >= end ? null : { start, end };
  }

  /** Select in the browser; null removes the selection. @param {Range|null} range */
  select(range) {
    const selection = document.getSelection();
    if (!selection) return;
    if (range) selection.setBaseAndExtent(...this.nodeAt(range.start, true), ...this.nodeAt(range.end));
    else if (this.text.contains(selection.anchorNode)) selection.removeAllRanges();
  }

  /** @param {Range} range */
  domRange({ start, end }) {
    const range = document.createRange();
    range.setStart(...this.nodeAt(start, true));
    range.setEnd(...this.nodeAt(end));
    return range;
  }

  /** Scroll a range into view. @param {Range} range */
  reveal(range) {
    const rect = this.domRange(range).getBoundingClientRect();
    const view = this.scroller.getBoundingClientRect();
    const line = rect.height || 24;
    if (rect.top < view.top + line) this.scroller.scrollTop -= view.top + line - rect.top;
    else if (rect.bottom > view.bottom - line) this.scroller.scrollTop += rect.bottom - view.bottom + line;
  }

  /** The unit at a point of the window; null where there is none. @param {number} x @param {number} y */
  unitAt(x, y) {
    if (document.caretPositionFromPoint) {
      const caret = document.caretPositionFromPoint(x, y);
      return caret && this.unitOf(caret.offsetNode, caret.offset);
    }
    const range = document.caretRangeFromPoint?.(x, y); // Safari before 18.4
    return range ? this.unitOf(range.startContainer, range.startOffset) : null;
  }

  /** Whether a point of the window lies on the ink of a range, not only beside it.
   * @param {Range} range @param {number} x @param {number} y */
  covers(range, x, y) {
    const { across, along } = TOUCH_SLACK_PIXELS;
    return [...this.domRange(range).getClientRects()].some(
      ({ left, right, top, bottom }) =>
        x >= left - across && x <= right + across && y >= top - along && y <= bottom + along,
    );
  }
}

/** How many segments at the beginning and at the end are as they were.
 * @param {Layout[]} before @param {Layout[]} after @returns {[number, number]} */
function countUnchanged(before, after) {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && isSame(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < most - head && isSame(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  return [head, tail];
}

/** @param {Layout|undefined} a @param {Layout|undefined} b */
function isSame(a, b) {
  if (!a || !b || a.start !== b.start || a.end !== b.end || a.spans.length !== b.spans.length) return false;
  return a.spans.every((span, index) => span === b.spans[index] && a.lanes[index] === b.lanes[index]);
}
