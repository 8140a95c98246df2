/** Describe an answer of several labelled components: how many there are of each label. */

/** @typedef {import("../types.js").AnswerDescription} AnswerDescription */

/** @param {{label: string}[]} components @param {{name: string, color: string}[]} labels @returns {AnswerDescription} */
export function describeLabelCounts(components, labels) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { label } of components) counts.set(label, (counts.get(label) ?? 0) + 1);
  const name = [...counts].map(([label, count]) => (count > 1 ? `${label} × ${count}` : label)).join(", ");
  const color = labels.find((label) => label.name === components[0]?.label)?.color ?? "";
  return { name: name || gettext("nothing here"), color };
}
