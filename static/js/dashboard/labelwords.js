/** Labels that a task type brings are shown in words: the document of /progress/ has their names. */

/**
 * The same document with words in place of the names that have some.
 * @param {object} progress @param {Record<string, string>} words by name
 */
export function inWords(progress, words) {
  if (!Object.keys(words).length) return progress;
  const said = (name) => words[name] ?? name;
  const worded = (row) => ({ ...row, label: said(row.label) });
  const { labels, current, threshold_report: report } = progress;
  return {
    ...progress,
    labels: { ...labels, overall: labels.overall.map(worded) },
    current: current && { ...current, per_class: current.per_class.map(worded), confusion: saidIn(current.confusion, said) },
    threshold_report: report && worded(report),
  };
}

function saidIn(confusion, said) {
  return confusion && { ...confusion, labels: confusion.labels.map(said) };
}
