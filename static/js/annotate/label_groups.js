/** Hierarchical labels: those such as `food/fruit` are grouped under what comes before their last `/`. */

/**
 * @typedef {object} LabelGroup
 * @property {string} parent `food` for `food/fruit`; empty for labels without one
 * @property {number[]} indices of its labels
 */

/** Groups in the order of the first label of each. @param {{name: string}[]} labels @returns {LabelGroup[]} */
export function groupLabels(labels) {
  /** @type {Map<string, number[]>} */
  const byParent = new Map();
  labels.forEach(({ name }, index) => {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    const indices = byParent.get(parent) ?? [];
    indices.push(index);
    byParent.set(parent, indices);
  });
  return [...byParent].map(([parent, indices]) => ({ parent, indices }));
}

/** Characters of the longest word of all names, where a line may break. @param {{name: string}[]} labels */
export function longestWord(labels) {
  const words = labels.flatMap(({ name }) => name.split(/[\s/-]+|(?<=\p{Script=Han})/u));
  return Math.max(0, ...words.map((word) => word.length));
}
