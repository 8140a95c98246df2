/** The last answers, newest first; a click undoes one. Those of a grid are one line and are undone together. */

import { paint } from "../colors.js";
import { span } from "../dom.js";
import { AnswerLog, MAX_SHOWN_LINES } from "./answer_log.js";
import { withNewNames } from "./config_changes.js";
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
   * @param {HistoryEntry[]} options.entries the last ones, newest first
   * @param {(before: string|null) => Promise<HistoryEntry[]>} options.fetchOlder answers before that one, newest first
   * @param {(entries: HistoryEntry[]) => void} options.onUndo
   */
  constructor(list, { widget, labels, showSuggestions, entries, fetchOlder, onUndo }) {
    this.list = list;
    this.widget = widget;
    this.labels = labels;
    this.showSuggestions = showSuggestions;
    this.onUndo = onUndo;
    this.fetchOlder = fetchOlder;
    this.log = new AnswerLog(entries.length >= MAX_SHOWN_LINES);
    /** @type {Map<Line, HTMLLIElement>} of each line that is shown */
    this.elements = new Map();
    /** @type {Promise<void>|null} */
    this.loading = null;
    this.log.addOlder(entries);
    this.drawLines();
  }

  /** @param {HistoryEntry[]} entries answered together */
  add(entries, { fresh = true } = {}) {
    const line = this.log.add(entries);
    this.drawLines();
    this.elements.get(line)?.classList.toggle("is-fresh", fresh);
  }

  /** @param {string} uuid */
  remove(uuid) {
    const line = this.log.remove(uuid);
    if (line?.entries.length) this.draw(line);
    this.drawLines();
    if (this.log.needsOlder) this.loadOlder().catch(() => {}); // at the next undo again
  }

  /** What was answered last; from the server where this page has undone all it had. Throws ApiError.
   * @returns {Promise<HistoryEntry[]|null>} */
  async last() {
    if (!this.log.last && this.log.hasOlder) await this.loadOlder();
    return this.log.last;
  }

  /** Fetch older answers; one call at a time. Throws ApiError. */
  loadOlder() {
    this.loading ??= this.requestOlder().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  async requestOlder() {
    const entries = await this.fetchOlder(this.log.oldest);
    this.log.hasOlder = entries.length > 0;
    this.log.addOlder(entries);
    this.drawLines();
  }

  /** Show the newest lines; elements of those that stay are left alone. */
  drawLines() {
    const { shown } = this.log;
    for (const [line, element] of this.elements) {
      if (shown.includes(line)) continue;
      element.remove();
      this.elements.delete(line);
    }
    shown.forEach((line, index) => {
      if (this.elements.has(line)) return;
      const element = document.createElement("li");
      this.elements.set(line, element);
      this.draw(line);
      this.list.insertBefore(element, this.list.children[index] ?? null);
    });
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

  /** Show the answers by a widget made for other labels.
   * @param {import("../types.js").Widget} widget @param {import("../types.js").Label[]} labels
   * @param {Map<string, string>} names labels that were renamed */
  useWidget(widget, labels, names) {
    this.widget = widget;
    this.labels = labels;
    for (const { entries } of this.log.lines) {
      for (const entry of entries) if (entry.value) entry.value = withNewNames(entry.value, names);
    }
    for (const line of this.elements.keys()) this.draw(line);
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
  noteOf({ outcome, row, exclusion_reason: reason }) {
    if (reason) return reason;
    if (!this.showSuggestions || outcome !== "label" || !row.suggestion) return "";
    return interpolate(gettext("The model says: %s"), [this.widget.describe(row.suggestion).name]);
  }
}
