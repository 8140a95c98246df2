/**
 * The last ten answers, newest first; a click takes one back. Those of a grid are one line and go back together.
 *
 * @typedef {object} Entry
 * @property {string} uuid
 * @property {"label"|"skip"|"flag"} outcome
 * @property {object|null} value
 * @property {object} row the assignment as the server handed it out
 */

import { paint } from "../colors.js";
import { counted } from "./label_counts.js";

const IN_SIGHT = 10;

export class History {
  /**
   * @param {HTMLElement} list an <ol>
   * @param {{widget: object, labels: object[], suggestions: boolean, takeBack: (entries: Entry[]) => void}} options
   */
  constructor(list, { widget, labels, suggestions, takeBack }) {
    this.list = list;
    this.widget = widget;
    this.labels = labels;
    this.suggestions = suggestions;
    this.takeBack = takeBack;
    /** @type {{entries: Entry[], element: HTMLElement}[]} newest first */
    this.lines = [];
  }

  /** What was answered last: one item, or a grid of them. @returns {Entry[]|null} */
  get last() {
    return this.lines[0]?.entries ?? null;
  }

  /** @param {string} uuid @returns {Entry|undefined} */
  find(uuid) {
    return this.lines.flatMap(({ entries }) => entries).find((entry) => entry.uuid === uuid);
  }

  /** @param {Entry[]} entries answered together */
  add(entries, { fresh = true } = {}) {
    const element = document.createElement("li");
    element.classList.toggle("is-fresh", fresh);
    const line = { entries, element };
    this.draw(line);
    this.lines.unshift(line);
    this.list.prepend(element);
    for (const { element: old } of this.lines.splice(IN_SIGHT)) old.remove();
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
    this.lines = this.lines.filter((one) => one !== line);
  }

  /** Mark those that the server does not have yet. @param {Set<string>} uuids @param {Set<string>} refused */
  mark(uuids, refused) {
    for (const { entries, element } of this.lines) {
      element.classList.toggle(
        "is-waiting",
        entries.some(({ uuid }) => uuids.has(uuid)),
      );
      element.classList.toggle(
        "is-refused",
        entries.some(({ uuid }) => refused.has(uuid)),
      );
    }
  }

  draw(line) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "an-line";
    const answer = this.answerOf(line.entries);
    const swatch = span("al-swatch");
    if (answer.color) paint(swatch, answer.color);
    const words = span("an-line__text", this.summaryOf(line.entries));
    const name = span("an-line__answer", answer.name);
    words.dir = name.dir = "auto";
    button.append(swatch, name, words);
    const note = line.entries.length === 1 ? this.noteOf(line.entries[0]) : "";
    if (note) button.append(span("an-line__note", note));
    button.append(span("an-line__undo", gettext("Undo")));
    button.addEventListener("click", () => this.takeBack(line.entries));
    line.element.replaceChildren(button);
  }

  /** @param {Entry[]} entries @returns {{name: string, color: string}} */
  answerOf(entries) {
    const [{ outcome, value }] = entries;
    if (entries.length > 1) {
      return counted(
        entries.map((entry) => ({ label: this.widget.describe(entry.value).name })),
        this.labels,
      );
    }
    if (outcome === "skip") return { name: gettext("Skipped"), color: "" };
    if (outcome === "flag") return { name: gettext("Flagged"), color: "" };
    return this.widget.describe(value);
  }

  summaryOf(entries) {
    const [{ row }] = entries;
    if (entries.length > 1) return interpolate(ngettext("%s image", "%s images", entries.length), [entries.length]);
    return this.widget.summary(row.item.content, undefined, row.item);
  }

  noteOf({ outcome, row }) {
    if (!this.suggestions || outcome !== "label" || !row.suggestion) return "";
    const answer = this.widget.describe(row.suggestion).name;
    return interpolate(gettext("The model says: %s"), [answer]);
  }
}

function span(className, text = "") {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}
