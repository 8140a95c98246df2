/** The person's answers, newest first; those of a grid are one line. Older ones are fetched where they are wanted. */

/**
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 * @typedef {{entries: HistoryEntry[]}} Line answered together
 */

export const MAX_SHOWN_LINES = 10;
const MAX_KEPT_LINES = 200; // undone without asking the server, so that it goes on while the network is away

export class AnswerLog {
  /** @param {boolean} [hasOlder] whether the server may have older answers */
  constructor(hasOlder = false) {
    /** @type {Line[]} */
    this.lines = [];
    this.hasOlder = hasOlder;
    /** @type {Set<string>} uuids that were undone here: an answer of the server may still have them */
    this.undone = new Set();
    /** @type {string|null} the uuid of the oldest answer that was ever here */
    this.oldest = null;
  }

  /** What was answered last: one item, or a grid of them. @returns {HistoryEntry[]|null} */
  get last() {
    return this.lines[0]?.entries ?? null;
  }

  /** Lines that stay in sight. */
  get shown() {
    return this.lines.slice(0, MAX_SHOWN_LINES);
  }

  get needsOlder() {
    return this.hasOlder && this.lines.length < MAX_SHOWN_LINES;
  }

  /** @param {string} uuid */
  find(uuid) {
    return this.lines.flatMap(({ entries }) => entries).find((entry) => entry.uuid === uuid);
  }

  /** @param {HistoryEntry[]} entries answered together, after all others @returns {Line} */
  add(entries) {
    const line = { entries };
    this.lines.unshift(line);
    this.oldest ??= entries[0].uuid;
    const forgotten = this.lines.splice(MAX_KEPT_LINES);
    if (forgotten.length) {
      this.hasOlder = true;
      this.oldest = this.lines[this.lines.length - 1].entries[0].uuid;
    }
    return line;
  }

  /** Put fetched answers behind the others, without those that are here or were undone.
   * @param {HistoryEntry[]} entries newest first */
  addOlder(entries) {
    for (const entry of entries) {
      if (!this.find(entry.uuid) && !this.undone.has(entry.uuid)) this.lines.push({ entries: [entry] });
      this.oldest = entry.uuid;
    }
  }

  /** Remove one answer, and its line with the last one of it.
   * @param {string} uuid @returns {Line|null} the line that it was in, with what is left; null where there is none */
  remove(uuid) {
    this.undone.add(uuid);
    const line = this.lines.find(({ entries }) => entries.some((entry) => entry.uuid === uuid));
    if (!line) return null;
    line.entries = line.entries.filter((entry) => entry.uuid !== uuid);
    if (!line.entries.length) this.lines = this.lines.filter((other) => other !== line);
    return line;
  }
}
