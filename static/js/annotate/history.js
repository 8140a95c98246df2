/** The last ten answers, newest first; a click undoes one. Those of a grid are one line and are undone together. */

import { paint } from "../colors.js";
import { span } from "../dom.js";
import { describeLabelCounts } from "./label_counts.js";

/**
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 * @typedef {{entries: HistoryEntry[], element: HTMLLIElement}} Line
 */

const MAX_LINES = 10;

export class History {
  /**
   * @param {HTMLElement} list an <ol>
   * @param {object} options
   * @param {import("../types.js").Widget} options.widget
   * @param {import("../types.js").Label[]} options.labels
   * @param {boolean} options.showSuggestions what the model had suggested
   * @param {(entries: HistoryEntry[]) => void} options.onUndo
   */
  constructor(list, { widget, labels, showSuggestions, onUndo }) {
    this.list = list;
    this.widget = widget;
    this.labels = labels;
    this.showSuggestions = showSuggestions;
    this.onUndo = onUndo;
    /** @type {Line[]} newest first */
    this.lines = [];
  }

  /** What was answered last: one item, or a grid of them. @returns {HistoryEntry[]|null} */
  get last() {
    return this.lines[0]?.entries ?? null;
  }

  /** @param {string} uuid @returns {HistoryEntry|undefined} */
  find(uuid) {
    return this.lines.flatMap(({ entries }) => entries).find((entry) => entry.uuid === uuid);
  }

  /** @param {HistoryEntry[]} entries answered together */
  add(entries, { fresh = true } = {}) {
    const element = document.createElement("li");
    element.classList.toggle("is-fresh", fresh);
    const line = { entries, element };
    this.draw(line);
    this.lines.unshift(line);
    this.list.prepend(element);
    for (const old of this.lines.splice(MAX_LINES)) old.element.remove();
  }

  /** @param {string} uuid */
  remove(uuid) {
    const line = this.lines.find(({ entries }) => entries.some((entry) => entry.uuid === uuid));
    if (!line) return;
    line.entries = line.entries.filter((entry) => entry.uuid !== uuid);
    if (line.entries.length) {
      this.draw(line);
      return;
    }
    line.element.remove();
    this.lines = this.lines.filter((other) => other !== line);
  }

  /** Mark those that the server does not have yet. @param {Set<string>} waiting @param {Set<string>} rejected uuids */
  mark(waiting, rejected) {
    for (const { entries, element } of this.lines) {
      element.classList.toggle(
        "is-waiting",
        entries.some(({ uuid }) => waiting.has(uuid)),
      );
      element.classList.toggle(
        "is-refused",
        entries.some(({ uuid }) => rejected.has(uuid)),
      );
    }
  }

  /** @param {Line} line */
  draw({ entries, element }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "an-line";
    const answer = this.describe(entries);
    const swatch = span("al-swatch");
    if (answer.color) paint(swatch, answer.color);
    const text = span("an-line__text", this.summaryOf(entries));
    const name = span("an-line__answer", answer.name);
    text.dir = name.dir = "auto";
    button.append(swatch, name, text);
    const note = entries.length === 1 ? this.noteOf(entries[0]) : "";
    if (note) button.append(span("an-line__note", note));
    button.append(span("an-line__undo", gettext("Undo")));
    button.addEventListener("click", () => this.onUndo(entries));
    element.replaceChildren(button);
  }

  /** @param {HistoryEntry[]} entries @returns {import("../types.js").AnswerDescription} */
  describe(entries) {
    const [{ outcome, value }] = entries;
    if (entries.length > 1) {
      const components = entries.map((entry) => ({ label: this.widget.describe(entry.value).name }));
      return describeLabelCounts(components, this.labels);
    }
    if (outcome === "skip") return { name: gettext("Skipped"), color: "" };
    if (outcome === "flag") return { name: gettext("Flagged"), color: "" };
    return this.widget.describe(value);
  }

  /** @param {HistoryEntry[]} entries */
  summaryOf(entries) {
    if (entries.length > 1) {
      return interpolate(ngettext("%s image", "%s images", entries.length), [entries.length]);
    }
    const { item } = entries[0].row;
    return this.widget.summary(item.content, undefined, item);
  }

  /** @param {HistoryEntry} entry */
  noteOf({ outcome, row }) {
    if (!this.showSuggestions || outcome !== "label" || !row.suggestion) return "";
    return interpolate(gettext("The model says: %s"), [this.widget.describe(row.suggestion).name]);
  }
}
