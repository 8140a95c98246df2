/** The last answers, newest first; those of a grid are one line. */

/**
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 * @typedef {{entries: HistoryEntry[]}} Line answered together
 */

const MAX_LINES = 10;

export class AnswerLog {
  constructor() {
    /** @type {Line[]} */
    this.lines = [];
  }

  /** What was answered last: one item, or a grid of them. @returns {HistoryEntry[]|null} */
  get last() {
    return this.lines[0]?.entries ?? null;
  }

  /** @param {string} uuid */
  find(uuid) {
    return this.lines.flatMap(({ entries }) => entries).find((entry) => entry.uuid === uuid);
  }

  /** @param {HistoryEntry[]} entries answered together
   * @returns {{line: Line, dropped: Line[]}} the new line, and those that have no room any more */
  add(entries) {
    const line = { entries };
    this.lines.unshift(line);
    return { line, dropped: this.lines.splice(MAX_LINES) };
  }

  /** Remove one answer, and its line with the last one of it.
   * @param {string} uuid @returns {Line|null} the line that it was in, with what is left; null where there is none */
  remove(uuid) {
    const line = this.lines.find(({ entries }) => entries.some((entry) => entry.uuid === uuid));
    if (!line) return null;
    line.entries = line.entries.filter((entry) => entry.uuid !== uuid);
    if (!line.entries.length) this.lines = this.lines.filter((other) => other !== line);
    return line;
  }
}
