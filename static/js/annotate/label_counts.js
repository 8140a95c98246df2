/** Words for an answer of several labelled parts: how many there are of each label. */

/** @param {{label: string}[]} parts @param {object[]} labels */
export function counted(parts, labels) {
  const counts = new Map();
  for (const { label } of parts) counts.set(label, (counts.get(label) ?? 0) + 1);
  const name = [...counts].map(([label, n]) => (n > 1 ? `${label} × ${n}` : label)).join(", ");
  return {
    name: name || gettext("nothing here"),
    color: labels.find((label) => label.name === parts[0]?.label)?.color ?? "",
  };
}
