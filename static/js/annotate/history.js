/**
 * The last ten answers, newest first; a click takes one back.
 *
 * @typedef {object} Entry
 * @property {string} uuid
 * @property {"label"|"skip"|"flag"} outcome
 * @property {object|null} value
 * @property {object} row the assignment as the server handed it out
 */

import { paint } from "../colors.js";

const IN_SIGHT = 10;

export class History {
  /**
   * @param {HTMLElement} list an <ol>
   * @param {{widget: object, suggestions: boolean, takeBack: (entry: Entry) => void}} options
   */
  constructor(list, { widget, suggestions, takeBack }) {
    this.list = list;
    this.widget = widget;
    this.suggestions = suggestions;
    this.takeBack = takeBack;
    /** @type {Entry[]} newest first */
    this.entries = [];
    this.lines = new Map();
  }

  get last() {
    return this.entries[0] ?? null;
  }

  /** @param {Entry} entry */
  add(entry, { fresh = true } = {}) {
    this.entries.unshift(entry);
    const line = this.draw(entry);
    line.classList.toggle("is-fresh", fresh);
    this.lines.set(entry.uuid, line);
    this.list.prepend(line);
    while (this.entries.length > IN_SIGHT) this.remove(this.entries.at(-1).uuid);
  }

  /** @param {string} uuid */
  remove(uuid) {
    this.entries = this.entries.filter((entry) => entry.uuid !== uuid);
    this.lines.get(uuid)?.remove();
    this.lines.delete(uuid);
  }

  /** Mark those that the server does not have yet. @param {Set<string>} uuids @param {Set<string>} refused */
  mark(uuids, refused) {
    for (const [uuid, line] of this.lines) {
      line.classList.toggle("is-waiting", uuids.has(uuid));
      line.classList.toggle("is-refused", refused.has(uuid));
    }
  }

  draw(entry) {
    const line = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "an-line";
    const answer = this.answerOf(entry);
    const text = this.widget.summary(entry.row.item.content, undefined, entry.row.item);
    const swatch = span("al-swatch");
    if (answer.color) paint(swatch, answer.color);
    const words = span("an-line__text", text);
    const name = span("an-line__answer", answer.name);
    words.dir = name.dir = "auto";
    button.append(swatch, name, words);
    const note = this.noteOf(entry);
    if (note) button.append(span("an-line__note", note));
    button.append(span("an-line__undo", gettext("Undo")));
    button.addEventListener("click", () => this.takeBack(entry));
    line.append(button);
    return line;
  }

  /** @param {Entry} entry */
  answerOf(entry) {
    if (entry.outcome === "skip") return { name: gettext("Skipped"), color: "" };
    if (entry.outcome === "flag") return { name: gettext("Flagged"), color: "" };
    return this.widget.describe(entry.value);
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
