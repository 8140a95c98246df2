/** The last ten answers, newest first; a click undoes one. Those of a grid are one line and are undone together. */

import { paint } from "../colors.js";
import { span } from "../dom.js";
import { AnswerLog } from "./answer_log.js";
import { describeLabelCounts } from "./label_counts.js";

/**
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 * @typedef {import("./answer_log.js").Line} Line
 */

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
    this.log = new AnswerLog();
    /** @type {Map<Line, HTMLLIElement>} of each line of the log */
    this.elements = new Map();
  }

  /** @param {HistoryEntry[]} entries answered together */
  add(entries, { fresh = true } = {}) {
    const { line, dropped } = this.log.add(entries);
    const element = document.createElement("li");
    element.classList.toggle("is-fresh", fresh);
    this.elements.set(line, element);
    this.draw(line);
    this.list.prepend(element);
    for (const old of dropped) this.erase(old);
  }

  /** @param {string} uuid */
  remove(uuid) {
    const line = this.log.remove(uuid);
    if (line?.entries.length) this.draw(line);
    else if (line) this.erase(line);
  }

  /** @param {Line} line */
  erase(line) {
    this.elements.get(line)?.remove();
    this.elements.delete(line);
  }

  /** Mark those that the server does not have yet. @param {Set<string>} waiting @param {Set<string>} rejected uuids */
  mark(waiting, rejected) {
    for (const [{ entries }, element] of this.elements) {
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
  draw(line) {
    const { entries } = line;
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
    this.elements.get(line)?.replaceChildren(button);
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
