/** Labels that a task type brings are shown in words: the document of /progress/ has their names. */

/** @typedef {import("../types.js").Progress} Progress */

/** The same document with words in place of the names that have some.
 * @param {Progress} progress @param {Record<string, string>} words by name @returns {Progress} */
export function withLabelWords(progress, words) {
  if (!Object.keys(words).length) return progress;
  /** @param {string} name */
  const wordOf = (name) => words[name] ?? name;
  /** @template {{label: string}} T @param {T} row */
  const translate = (row) => ({ ...row, label: wordOf(row.label) });
  const { labels, current, threshold_report: report } = progress;
  return {
    ...progress,
    labels: { ...labels, overall: labels.overall.map(translate) },
    current: current && {
      ...current,
      per_class: current.per_class.map(translate),
      confusion: current.confusion && { ...current.confusion, labels: current.confusion.labels.map(wordOf) },
    },
    threshold_report: report && translate(report),
  };
}
