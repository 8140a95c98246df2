/**
 * Named entities: stretches of a text with labels. Value: {"spans": [{start, end, label}]}, in code points.
 *
 * Select words (drag, click, tap, arrow keys) and give a label, or choose a label first and select then.
 * Inside, places are UTF-16 units as in the DOM; they are turned where values come in and go out.
 */

import { barButton } from "../annotate/bar_button.js";
import { counted } from "../annotate/label_counts.js";
import { LabelButtons } from "../annotate/label_buttons.js";
import { makeText, summary } from "../annotate/text.js";
import { Points, wholeWords, wordAt, wordsOf } from "../spans/offsets.js";
import { inOrder, touch } from "../spans/segments.js";
import { SpanText } from "../spans/span_text.js";

const MOVED = 4; // pixels from which on it is a drag
const SHOWN = 60; // characters of the selected words in the line below the text

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: object[], settings?: object, answer: Function}} options */
export default function makeSpans(options) {
  const spans = new Spans(options);
  return {
    show: (row) => spans.show(row.item.content.text),
    clear: () => spans.show(""),
    press: (index) => spans.press(index),
    key: (event) => spans.key(event),
    submit: (event) => options.answer(spans.value, event),
    fill: (value) => spans.fill(value),
    undo: () => spans.undo(),
    suggest: (value, score) => spans.suggest(value, score),
    accept: () => spans.acceptAll(),
    describe: (value) => counted(value?.spans ?? [], options.labels),
    summary,
  };
}

class Spans {
  constructor({ reading, controls, labels, settings }) {
    this.labels = labels;
    this.overlap = Boolean(settings?.spans_overlap);
    const text = makeText(reading);
    text.classList.add("sp-text");
    this.scroller = reading.closest(".an-reading") ?? reading;
    this.view = new SpanText(text, this.scroller, new Map(labels.map(({ name, color }) => [name, color])));
    this.buttons = new LabelButtons(controls, labels, (index) => this.press(index), { toggle: true });
    this.makeBar(controls);
    this.listen(text, controls);
    this.show("");
  }

  /** The line that says what is selected, and has what can be done about it. */
  makeBar(controls) {
    const bar = document.createElement("div");
    bar.className = "sp-bar";
    this.status = document.createElement("p");
    this.status.className = "sp-status";
    this.status.dir = "auto";
    this.status.setAttribute("role", "status");
    this.remover = barButton(gettext("Remove"), "Delete", () => this.remove());
    this.accepter = barButton(gettext("Accept"), "A", () => this.acceptAll());
    this.rejecter = barButton(gettext("Reject"), "X", () => this.suggest(null));
    bar.append(this.status, this.remover, this.accepter, this.rejecter);
    controls.before(bar);
  }

  listen(text, controls) {
    text.addEventListener("pointerdown", (event) => (this.down = { x: event.clientX, y: event.clientY }));
    text.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("selectionchange", () => this.follow());
    // a pressed button would take the focus, and with it the selection
    for (const box of [controls, this.status.parentElement]) {
      box.addEventListener("mousedown", (event) => event.target.closest("input") ?? event.preventDefault());
    }
  }

  // The item

  /** @param {string} text */
  show(text) {
    this.text = text;
    this.words = wordsOf(text);
    this.points = new Points(text);
    this.spans = [];
    this.suggested = [];
    this.score = null;
    this.before = [];
    this.armed = -1;
    this.forget();
    this.draw();
  }

  get value() {
    const { points } = this;
    const spans = [...this.spans].sort(inOrder);
    return {
      spans: spans.map(({ start, end, label }) => ({
        start: points.fromUnit(start),
        end: points.fromUnit(end),
        label,
      })),
    };
  }

  /** @param {{spans: object[]}|null} value */
  fromValue(value, suggested = false) {
    const { points } = this;
    return (value?.spans ?? []).map(({ start, end, label }) => ({
      start: points.toUnit(start),
      end: points.toUnit(end),
      label,
      suggested,
    }));
  }

  fill(value) {
    this.spans = this.fromValue(value);
    this.before = [];
    this.draw();
  }

  draw() {
    this.view.draw(this.text, [...this.spans, ...this.suggested]);
    this.view.activate(this.active);
    if (this.selection) this.view.select(this.selection);
    this.tell();
  }

  // What is selected

  forget() {
    this.selection = null;
    this.active = null; // the span or suggestion that is selected as a whole
    this.anchor = this.focus = -1; // words at the ends of the selection
    this.tapped = false; // a word was tapped, and the next tap may extend to another
  }

  /** @param {{start: number, end: number}|null} place @param {object|null} active */
  choose(place, active = null, { quiet = false } = {}) {
    if (!place) this.forget();
    else {
      this.selection = { start: place.start, end: place.end };
      this.active = active ?? this.spans.find(({ start, end }) => start === place.start && end === place.end) ?? null;
      this.anchor = wordAt(this.words, place.start);
      this.focus = wordAt(this.words, place.end - 1);
    }
    this.view.activate(this.active);
    if (!quiet) this.view.select(this.selection);
    this.tell();
  }

  /** What a person drags with the mouse, or with the handles of a phone. */
  follow() {
    const dragged = this.view.selected();
    if (!dragged) return;
    const place = wholeWords(this.words, dragged);
    if (!place || (this.selection?.start === place.start && this.selection?.end === place.end)) return;
    this.choose(place, null, { quiet: true });
  }

  clicked(event) {
    const dragged = this.isDrag(event) ? this.draggedTo(event) : null;
    const place = dragged && wholeWords(this.words, dragged);
    if (place) {
      this.choose(place);
      this.useArmed();
      return;
    }
    const unit = this.view.unitAt(event.clientX, event.clientY);
    const here = (span) => this.view.covers(span, event.clientX, event.clientY);
    const mark = event.target.closest(".sp-mark") && shortest([...this.spans, ...this.suggested].filter(here));
    if (mark?.suggested) this.acceptOne(mark);
    else if (mark) this.choose(mark, mark);
    else this.chooseWord(unit, event);
  }

  /** Whether the browser made the selection just now: by a drag, a double click or the shift key. */
  isDrag(event) {
    if (event.pointerType === "touch") return false;
    const moved = Math.hypot(
      event.clientX - (this.down?.x ?? event.clientX),
      event.clientY - (this.down?.y ?? event.clientY),
    );
    return moved > MOVED || event.detail > 1 || event.shiftKey;
  }

  /**
   * From where the mouse went down to where it went up. What the browser selected may begin later: the mouse has to
   * move some way before it selects, and what is drawn meanwhile can make it begin anew.
   */
  draggedTo(event) {
    const selected = this.view.selected();
    if (event.detail > 1 || event.shiftKey || !this.down) return selected;
    const [from, to] = [this.view.unitAt(this.down.x, this.down.y), this.view.unitAt(event.clientX, event.clientY)];
    return from === null || to === null || from === to
      ? selected
      : { start: Math.min(from, to), end: Math.max(from, to) };
  }

  /** A click or tap on a word; the next tap on another one goes as far as that. */
  chooseWord(unit, event) {
    const word =
      unit === null
        ? null
        : [unit, unit - 1]
            .map((at) => this.words[wordAt(this.words, at)])
            .find((place) => place && this.view.covers(place, event.clientX, event.clientY));
    const first = this.tapped && event.pointerType === "touch" ? this.selection : null;
    if (!word || (first && touch(first, word))) {
      this.choose(null);
      return;
    }
    this.choose(first ? { start: Math.min(first.start, word.start), end: Math.max(first.end, word.end) } : word);
    this.tapped = !first;
    this.useArmed();
  }

  // Changes

  /** A label's key or button: for what is selected, or else for what will be. */
  press(index) {
    if (!this.text) return;
    const { name } = this.labels[index];
    if (this.selection) this.label(name);
    else {
      this.armed = this.armed === index ? -1 : index;
      this.tell();
    }
  }

  useArmed() {
    if (this.armed >= 0 && this.selection) this.label(this.labels[this.armed].name, { again: true });
  }

  /** Give the selection a label; the same label once more takes it away. */
  label(name, { again = false } = {}) {
    const span = { ...this.selection, label: name, suggested: false };
    const same = this.spans.find((one) => inOrder(one, span) === 0);
    if (same && again) return;
    const inTheWay = this.overlap ? (one) => one === same : (one) => touch(one, span);
    this.change(
      this.spans.filter((one) => !inTheWay(one)),
      same ? null : span,
    );
  }

  /** @param {object[]} spans @param {object|null} added which is then the selected one */
  change(spans, added) {
    this.before.push(this.spans);
    this.spans = added ? [...spans, added] : spans;
    this.suggested = this.suggested.filter((one) => !this.spans.some((span) => this.conflict(one, span)));
    this.active = added;
    this.tapped = false;
    this.draw();
  }

  conflict(one, span) {
    return this.overlap ? inOrder(one, span) === 0 : touch(one, span);
  }

  /** Take the selected span away, or all that the selection touches. */
  remove() {
    const gone = this.active ? (one) => one === this.active : (one) => this.selection && touch(one, this.selection);
    if (this.active?.suggested) this.rejectOne(this.active);
    else if (this.spans.some(gone)) {
      this.change(
        this.spans.filter((one) => !gone(one)),
        null,
      );
    }
  }

  undo() {
    if (!this.before.length) return false;
    this.spans = this.before.pop();
    if (!this.spans.includes(this.active)) this.active = null;
    this.draw();
    return true;
  }

  // What the model suggests

  suggest(value, score = null) {
    this.suggested = this.fromValue(value, true);
    this.score = value ? score : null;
    this.nothing = Boolean(value) && !this.suggested.length;
    if (this.active?.suggested) this.active = null;
    this.draw();
  }

  acceptOne(suggestion) {
    const span = { ...suggestion, suggested: false };
    this.selection = { start: span.start, end: span.end };
    this.change(
      this.spans.filter((one) => !this.conflict(one, span)),
      span,
    );
  }

  /** What a person marked stands; of the suggestions come those that go with it. */
  acceptAll() {
    if (!this.suggested.length) return;
    const taken = this.suggested.map((one) => ({ ...one, suggested: false }));
    this.suggested = [];
    if (this.active?.suggested) this.active = null;
    this.change([...this.spans, ...taken.filter((one) => !this.spans.some((span) => this.conflict(one, span)))], null);
  }

  rejectOne(suggestion) {
    this.suggested = this.suggested.filter((one) => one !== suggestion);
    this.active = null;
    this.draw();
  }

  // Keys

  /** @param {KeyboardEvent} event @returns {boolean} whether it was one of ours */
  key(event) {
    if (!this.text || isElsewhere(event.target, this.scroller)) return false;
    if (event.key === "/") return this.buttons.find();
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: 1,
      ArrowUp: -1,
      Home: -this.words.length,
      End: this.words.length,
    };
    if (event.key in steps) {
      const step =
        getComputedStyle(this.view.text).direction === "rtl" && /Left|Right/.test(event.key)
          ? -steps[event.key]
          : steps[event.key];
      if (/Up|Down/.test(event.key)) this.moveLine(step, event.shiftKey);
      else this.move(step, event.shiftKey);
      return true;
    }
    return this.keyOfSpan(event);
  }

  keyOfSpan(event) {
    if (event.key === "Tab") return this.walk(event.shiftKey ? -1 : 1);
    if (event.key === "Delete") this.remove();
    else if (event.key === "Escape" && (this.selection || this.armed >= 0)) {
      this.armed = -1;
      this.choose(null);
    } else if (event.key === "a" && this.active?.suggested) this.acceptOne(this.active);
    else if (event.key === "x" && this.active?.suggested) this.rejectOne(this.active);
    else return false;
    return true;
  }

  /** Go to the next word, or make the selection longer or shorter by one. */
  move(step, extend) {
    const last = this.words.length - 1;
    if (last < 0) return;
    if (!this.selection) this.goTo(step > 0 && step <= last ? 0 : step < -1 ? 0 : last);
    else if (extend) this.goTo(Math.min(last, Math.max(0, this.focus + step)), this.anchor);
    else {
      const [low, high] = [Math.min(this.anchor, this.focus), Math.max(this.anchor, this.focus)];
      this.goTo(Math.min(last, Math.max(0, step > 0 ? high + step : low + step)));
    }
  }

  /** Go to the word above or below. */
  moveLine(step, extend) {
    if (!this.selection) {
      this.move(step, false);
      return;
    }
    const word = this.words[this.focus];
    const rect = this.view.range(word).getBoundingClientRect();
    this.view.reveal(word);
    const line = parseFloat(getComputedStyle(this.view.text).lineHeight) || rect.height;
    const unit = this.view.unitAt(rect.left + rect.width / 2, rect.top + rect.height / 2 + step * line);
    if (unit === null) return;
    const to = Math.min(this.words.length - 1, wordAt(this.words, unit));
    this.goTo(to, extend ? this.anchor : to);
  }

  goTo(word, anchor = word) {
    const [first, last] = [this.words[Math.min(word, anchor)], this.words[Math.max(word, anchor)]];
    this.choose({ start: first.start, end: last.end });
    [this.anchor, this.focus] = [anchor, word];
    this.view.reveal(this.words[word]);
  }

  /** Go to the next span or suggestion; behind the last one the key does what it always does. */
  walk(step) {
    const all = [...this.spans, ...this.suggested].sort(inOrder);
    const behind = all.findIndex((span) => span.start >= (this.selection?.start ?? 0));
    const here = this.active
      ? all.indexOf(this.active) + step
      : step > 0
        ? behind
        : (behind < 0 ? all.length : behind) - 1;
    const span = this.selection || step > 0 ? all[here] : all.at(-1);
    this.choose(span ?? null, span);
    if (span) this.view.reveal(span);
    return Boolean(span);
  }

  // What the line below the text says

  tell() {
    const name = this.active?.label ?? (this.armed >= 0 ? this.labels[this.armed].name : null);
    this.buttons.set(name ? [name] : []);
    const words = this.said();
    if (this.status.textContent !== words) this.status.textContent = words;
    this.remover.hidden = !this.spans.some((one) => this.selection && touch(one, this.selection));
    this.accepter.hidden = this.rejecter.hidden = !this.suggested.length;
  }

  said() {
    if (!this.text) return "";
    if (this.selection) return this.saidOfSelection();
    if (this.armed >= 0) return interpolate(gettext("%s: now select words."), [this.labels[this.armed].name]);
    if (this.suggested.length) return this.saidOfSuggestions();
    if (this.spans.length) return interpolate(ngettext("%s span", "%s spans", this.spans.length), [this.spans.length]);
    return this.nothing ? gettext("The model finds nothing here.") : gettext("Select words and give them a label.");
  }

  saidOfSelection() {
    const words = this.text.slice(this.selection.start, this.selection.end);
    const text = words.length > SHOWN ? `${words.slice(0, SHOWN)}…` : words;
    if (!this.active) return interpolate(gettext("“%(text)s”"), { text }, true);
    const pattern = this.active.suggested ? gettext("“%(text)s”: %(label)s?") : gettext("“%(text)s”: %(label)s");
    return interpolate(pattern, { text, label: this.active.label }, true);
  }

  saidOfSuggestions() {
    const n = this.suggested.length;
    if (this.score === null || this.score === undefined) {
      return interpolate(ngettext("%s suggestion", "%s suggestions", n), [n]);
    }
    const values = { n, percent: Math.round(this.score * 100) };
    return interpolate(
      ngettext("%(n)s suggestion (%(percent)s %)", "%(n)s suggestions (%(percent)s %)", n),
      values,
      true,
    );
  }
}

function shortest(spans) {
  return spans.reduce((best, span) => (!best || span.end - span.start < best.end - best.start ? span : best), null);
}

/** Whether a key belongs to a control outside of the text. @param {EventTarget|null} target */
function isElsewhere(target, scroller) {
  return (
    target instanceof Element && target !== document.body && !scroller.contains(target) && !target.closest(".an-label")
  );
}
