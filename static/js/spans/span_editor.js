/** Spans of a text, marked with mouse, touch or keys; the line below the text says what is selected. */

import { makeBarButton } from "../annotate/bar_button.js";
import { LabelButtons } from "../annotate/label_buttons.js";
import { isWithin, keyOf } from "../annotate/shortcuts.js";
import { makeText } from "../annotate/text.js";
import { describeSpans } from "./span_status.js";
import { CodePoints, findWords, snapToWords, wordIndexAt } from "./offsets.js";
import { compareSpans, overlaps } from "./segments.js";
import { SpanSet } from "./span_set.js";
import { SpanText } from "./span_text.js";

/**
 * @typedef {import("../types.js").AnswerValue} AnswerValue
 * @typedef {import("./offsets.js").Range} Range
 * @typedef {import("./segments.js").Span} Span
 */

const MIN_DRAG_PIXELS = 4;

export class SpanEditor {
  /** @param {import("../types.js").WidgetOptions} options */
  constructor({ reading, controls, labels, settings }) {
    this.labels = labels;
    const text = makeText(reading);
    text.classList.add("sp-text");
    this.scroller = /** @type {HTMLElement} */ (reading.closest(".an-reading") ?? reading);
    this.view = new SpanText(text, this.scroller, new Map(labels.map(({ name, color }) => [name, color])));
    this.buttons = new LabelButtons(controls, labels, (index) => this.press(index), { toggle: true });
    this.set = new SpanSet(Boolean(settings?.spans_overlap));
    this.status = document.createElement("p");
    this.status.className = "sp-status";
    this.status.dir = "auto";
    this.status.setAttribute("role", "status");
    this.removeButton = makeBarButton(gettext("Remove"), "Delete", () => this.remove());
    this.acceptButton = makeBarButton(gettext("Accept"), "A", () => this.acceptAll());
    this.rejectButton = makeBarButton(gettext("Reject"), "X", () => this.suggest(null));
    const bar = document.createElement("div");
    bar.className = "sp-bar";
    bar.append(this.status, this.removeButton, this.acceptButton, this.rejectButton);
    controls.before(bar);
    /** @type {{x: number, y: number}|null} where the pointer went down, in the window */
    this.pointerDown = null;
    this.text = "";
    this.words = findWords("");
    this.codePoints = new CodePoints("");
    /** @type {number|null} of the suggestion */
    this.score = null;
    this.suggestsNothing = false;
    this.armed = -1; // index of the label that is given to what is selected next
    /** @type {Range|null} */
    this.selection = null;
    /** @type {Span|null} the span or suggestion that is selected as a whole */
    this.active = null;
    this.anchor = -1; // words at the ends of the selection
    this.focus = -1;
    this.isTapped = false; // a word was tapped, and the next tap may extend to another
    this.listen(text, [controls, bar]);
    this.draw();
  }

  /** @param {HTMLElement} text @param {HTMLElement[]} buttonBoxes */
  listen(text, buttonBoxes) {
    text.addEventListener("pointerdown", ({ clientX: x, clientY: y }) => (this.pointerDown = { x, y }));
    text.addEventListener("mousedown", ({ button, detail, shiftKey }) => {
      if (button === 0 && detail === 1 && !shiftKey) this.view.select(null); // else the browser drags the selected words
    });
    text.addEventListener("click", (event) => this.handleClick(/** @type {PointerEvent} */ (event)));
    document.addEventListener("selectionchange", () => this.followSelection());
    for (const box of buttonBoxes) {
      box.addEventListener("mousedown", (event) => {
        if (!isWithin(event.target, "input")) event.preventDefault(); // a button would take focus and selection away
      });
    }
  }

  // The item

  /** @param {string} text */
  show(text) {
    this.text = text;
    this.words = findWords(text);
    this.codePoints = new CodePoints(text);
    this.set.clear();
    this.score = null;
    this.suggestsNothing = false;
    this.armed = -1;
    this.deselect();
    this.draw();
  }

  get value() {
    const spans = this.set.spans.toSorted(compareSpans);
    return {
      spans: spans.map(({ start, end, label }) => ({
        start: this.codePoints.fromUnit(start),
        end: this.codePoints.fromUnit(end),
        label,
      })),
    };
  }

  /** @param {AnswerValue|null} value @returns {Span[]} */
  spansOf(value, suggested = false) {
    return (value?.spans ?? []).map(({ start, end, label }) => ({
      start: this.codePoints.toUnit(start),
      end: this.codePoints.toUnit(end),
      label,
      suggested,
    }));
  }

  /** @param {AnswerValue} value */
  setValue(value) {
    this.set.load(this.spansOf(value));
    this.draw();
  }

  draw() {
    this.view.draw(this.text, this.set.all);
    this.view.activate(this.active);
    if (this.selection) this.view.select(this.selection);
    this.drawStatus();
  }

  drawStatus() {
    const { selection } = this;
    const label = this.active?.label ?? this.labels[this.armed]?.name;
    this.buttons.setPressed(label ? [label] : []);
    const text = describeSpans(this);
    if (this.status.textContent !== text) this.status.textContent = text;
    this.removeButton.hidden = !selection || !this.set.spans.some((span) => overlaps(span, selection));
    this.acceptButton.hidden = this.rejectButton.hidden = !this.set.suggestions.length;
  }

  // The selection

  deselect() {
    this.selection = null;
    this.active = null;
    this.anchor = this.focus = -1;
    this.isTapped = false;
  }

  /** @param {Range|null} range @param {Span|null} [active] @param {{fromBrowser?: boolean}} [options] */
  select(range, active = null, { fromBrowser = false } = {}) {
    if (!range) this.deselect();
    else {
      this.selection = { start: range.start, end: range.end };
      this.active = active ?? this.set.findAt(range);
      this.anchor = wordIndexAt(this.words, range.start);
      this.focus = wordIndexAt(this.words, range.end - 1);
    }
    this.view.activate(this.active);
    if (!fromBrowser) this.view.select(this.selection);
    this.drawStatus();
  }

  /** Follow what a person drags with the mouse, or with the handles of a phone. */
  followSelection() {
    const dragged = this.view.selected();
    if (!dragged) return;
    const range = snapToWords(this.words, dragged);
    if (!range || (this.selection?.start === range.start && this.selection?.end === range.end)) return;
    this.select(range, null, { fromBrowser: true });
  }

  /** @param {PointerEvent} event */
  handleClick(event) {
    const dragged = this.isDrag(event) ? this.draggedRange(event) : null;
    const range = dragged && snapToWords(this.words, dragged);
    if (range) {
      this.select(range);
      this.labelWithArmed();
      return;
    }
    const unit = this.view.unitAt(event.clientX, event.clientY);
    const span = isWithin(event.target, ".sp-mark") ? this.spanAt(event) : null;
    if (span?.suggested) this.accept(span);
    else if (span) this.select(span, span);
    else this.selectWord(unit, event);
  }

  /** The shortest span or suggestion at a point. @param {PointerEvent} event @returns {Span|null} */
  spanAt({ clientX, clientY }) {
    const spans = this.set.all.filter((span) => this.view.covers(span, clientX, clientY));
    return spans.toSorted((a, b) => a.end - a.start - (b.end - b.start))[0] ?? null;
  }

  /** Whether the browser made the selection just now: by a drag, a double click or the shift key. @param {PointerEvent} event */
  isDrag(event) {
    if (event.pointerType === "touch") return false;
    const { x, y } = this.pointerDown ?? { x: event.clientX, y: event.clientY };
    return Math.hypot(event.clientX - x, event.clientY - y) > MIN_DRAG_PIXELS || event.detail > 1 || event.shiftKey;
  }

  /**
   * From where the mouse went down to where it went up. What the browser selected may begin later: the mouse has to
   * move some way before it selects, and what is drawn meanwhile can make it begin again.
   * @param {PointerEvent} event
   */
  draggedRange(event) {
    const selected = this.view.selected();
    if (event.detail > 1 || event.shiftKey || !this.pointerDown) return selected;
    const from = this.view.unitAt(this.pointerDown.x, this.pointerDown.y);
    const to = this.view.unitAt(event.clientX, event.clientY);
    if (from === null || to === null || from === to) return selected;
    return { start: Math.min(from, to), end: Math.max(from, to) };
  }

  /** A click or tap on a word; the next tap on another one extends the selection to it.
   * @param {number|null} unit @param {PointerEvent} event */
  selectWord(unit, event) {
    const candidates = unit === null ? [] : [unit, unit - 1].map((at) => this.words[wordIndexAt(this.words, at)]);
    const word = candidates.find((range) => range && this.view.covers(range, event.clientX, event.clientY));
    const first = this.isTapped && event.pointerType === "touch" ? this.selection : null;
    if (!word || (first && overlaps(first, word))) {
      this.select(null);
      return;
    }
    this.select(first ? { start: Math.min(first.start, word.start), end: Math.max(first.end, word.end) } : word);
    this.isTapped = !first;
    this.labelWithArmed();
  }

  // Changes

  /** A label's key or button: for what is selected, or else for what will be. @param {number} index */
  press(index) {
    if (!this.text) return;
    if (this.selection) {
      this.activateAndDraw(this.set.label(this.selection, this.labels[index].name));
      return;
    }
    this.armed = this.armed === index ? -1 : index;
    this.drawStatus();
  }

  /** Label the selection with the label that was chosen before. */
  labelWithArmed() {
    if (this.armed < 0 || !this.selection) return;
    const { spans } = this.set;
    const span = this.set.label(this.selection, this.labels[this.armed].name, { keep: true });
    if (this.set.spans !== spans) this.activateAndDraw(span);
  }

  /** @param {Span|null} active */
  activateAndDraw(active) {
    this.active = active;
    this.isTapped = false;
    this.draw();
  }

  /** Remove the selected span, or all that the selection overlaps. */
  remove() {
    const { active, selection } = this;
    if (active?.suggested) this.reject(active);
    else if (active && this.set.remove((span) => span === active)) this.activateAndDraw(null);
    else if (!active && selection && this.set.remove((span) => overlaps(span, selection))) this.activateAndDraw(null);
  }

  undo() {
    if (!this.set.undo()) return false;
    if (this.active && !this.set.spans.includes(this.active)) this.active = null;
    this.draw();
    return true;
  }

  // Suggestions

  /** @param {AnswerValue|null} value @param {number|null} [score] */
  suggest(value, score = null) {
    this.set.suggestions = this.spansOf(value, true);
    this.score = value ? score : null;
    this.suggestsNothing = Boolean(value) && !this.set.suggestions.length;
    if (this.active?.suggested) this.active = null;
    this.draw();
  }

  /** @param {Span} suggestion */
  accept(suggestion) {
    const span = this.set.accept(suggestion);
    this.selection = { start: span.start, end: span.end };
    this.activateAndDraw(span);
  }

  acceptAll() {
    if (this.set.acceptAll()) this.activateAndDraw(null);
  }

  /** @param {Span} suggestion */
  reject(suggestion) {
    this.set.reject(suggestion);
    this.active = null;
    this.draw();
  }

  // Keys

  /** @param {KeyboardEvent} event @returns {boolean} whether it was one of ours */
  handleKey(event) {
    if (!this.text || isElsewhere(event.target, this.scroller)) return false;
    const [key, shiftKey] = [keyOf(event), event.shiftKey];
    if (key === "/") return this.buttons.focusFilter();
    if (key === "ArrowUp" || key === "ArrowDown") this.moveLine(key === "ArrowDown" ? 1 : -1, shiftKey);
    else if (key === "ArrowLeft" || key === "ArrowRight") this.moveWords(this.direction(key), shiftKey);
    else if (key === "Home" || key === "End") this.moveWords(this.words.length * (key === "End" ? 1 : -1), shiftKey);
    else return this.handleSpanKey(key, shiftKey);
    return true;
  }

  /** Words that an arrow goes, in the direction of the script. @param {"ArrowLeft"|"ArrowRight"} key */
  direction(key) {
    return (key === "ArrowRight") === this.view.isRightToLeft ? -1 : 1;
  }

  /** @param {string} key @param {boolean} shiftKey */
  handleSpanKey(key, shiftKey) {
    if (key === "Tab") return this.selectNextSpan(shiftKey ? -1 : 1);
    if (key === "Delete") this.remove();
    else if (key === "Escape" && (this.selection || this.armed >= 0)) {
      this.armed = -1;
      this.select(null);
    } else return (key === "a" || key === "x") && this.handleSuggestionKey(key);
    return true;
  }

  /** Accept or reject the selected span, where it is a suggestion. @param {"a"|"x"} key */
  handleSuggestionKey(key) {
    if (!this.active?.suggested) return false;
    if (key === "a") this.accept(this.active);
    else this.reject(this.active);
    return true;
  }

  /** Go some words further, or extend the selection by them. @param {number} step @param {boolean} extend */
  moveWords(step, extend) {
    const last = this.words.length - 1;
    if (last < 0) return;
    /** @param {number} word */
    const inText = (word) => Math.min(last, Math.max(0, word));
    if (!this.selection) {
      const toFirst = step < -1 || (step > 0 && step <= last);
      this.selectWords(toFirst ? 0 : last);
    } else if (extend) this.selectWords(inText(this.focus + step), this.anchor);
    else this.selectWords(inText(step + (step > 0 ? Math.max : Math.min)(this.anchor, this.focus)));
  }

  /** Go to the word above or below. @param {1|-1} step @param {boolean} extend */
  moveLine(step, extend) {
    if (!this.selection) {
      this.moveWords(step, false);
      return;
    }
    const word = this.words[this.focus];
    const rect = this.view.domRange(word).getBoundingClientRect();
    this.view.reveal(word);
    const line = parseFloat(getComputedStyle(this.view.text).lineHeight) || rect.height;
    const unit = this.view.unitAt(rect.left + rect.width / 2, rect.top + rect.height / 2 + step * line);
    if (unit === null) return;
    const target = Math.min(this.words.length - 1, wordIndexAt(this.words, unit));
    this.selectWords(target, extend ? this.anchor : target);
  }

  /** @param {number} focus @param {number} [anchor] words at the ends */
  selectWords(focus, anchor = focus) {
    this.select({ start: this.words[Math.min(focus, anchor)].start, end: this.words[Math.max(focus, anchor)].end });
    this.anchor = anchor;
    this.focus = focus;
    this.view.reveal(this.words[focus]);
  }

  /** Go to the next span or suggestion; false behind the last one, where the key does what it always does.
   * @param {1|-1} step */
  selectNextSpan(step) {
    const all = this.set.all.sort(compareSpans);
    const span = all.at(this.nextSpanIndex(all, step)) ?? null;
    this.select(span, span);
    if (span) this.view.reveal(span);
    return span !== null;
  }

  /** @param {Span[]} all in order @param {1|-1} step @returns {number} the length where there is none */
  nextSpanIndex(all, step) {
    if (!this.selection) return step > 0 && all.length ? 0 : all.length - 1;
    const { start } = this.selection;
    const after = all.findIndex((span) => span.start >= start);
    let index;
    if (this.active) index = all.indexOf(this.active) + step;
    else if (step > 0) index = after;
    else index = (after < 0 ? all.length : after) - 1;
    return index < 0 ? all.length : index;
  }
}

/** Whether a key belongs to a control outside of the text. @param {EventTarget|null} target @param {HTMLElement} scroller */
function isElsewhere(target, scroller) {
  if (!(target instanceof Element) || target === document.body) return false;
  return !scroller.contains(target) && !target.closest(".an-label");
}
