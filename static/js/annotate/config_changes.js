/** What has changed between two states of a project, as the annotate screen has them. */

/**
 * @typedef {import("../types.js").AnnotateConfig} AnnotateConfig
 * @typedef {import("../types.js").AnswerValue} AnswerValue
 * @typedef {import("../types.js").Label} Label
 * @typedef {Pick<AnnotateConfig, "labels">} WithLabels
 */

/** Whether only a page made anew can show it: what the screen consists of. @param {AnnotateConfig} before @param {AnnotateConfig} after */
export function needsReload(before, after) {
  return isDifferent([before.widget, before.suggestion, before.grids], [after.widget, after.suggestion, after.grids]);
}

/** Labels that have another name now: old name -> new name. @param {WithLabels} before @param {WithLabels} after */
export function renamedLabels(before, after) {
  const names = new Map(after.labels.map(({ id, name }) => [id, name]));
  /** @type {Map<string, string>} */
  const renamed = new Map();
  for (const { id, name } of before.labels) {
    const now = names.get(id);
    if (now !== undefined && now !== name) renamed.set(name, now);
  }
  return renamed;
}

/** An answer with the new names of its labels; labels that are gone stay, for the person to see.
 * @param {AnswerValue} value @param {Map<string, string>} names @returns {AnswerValue} */
export function withNewNames(value, names) {
  if (!names.size) return value;
  /** @template {{label: string}} T @param {T} component */
  const renamed = (component) => ({ ...component, label: names.get(component.label) ?? component.label });
  return {
    ...value,
    ...(value.labels && { labels: value.labels.map((name) => names.get(name) ?? name) }),
    ...(value.spans && { spans: value.spans.map(renamed) }),
    ...(value.boxes && { boxes: value.boxes.map(renamed) }),
  };
}

/** Give what a model suggests about an item the new names of its labels.
 * @param {import("../types.js").Assignment} assignment @param {Map<string, string>} names */
export function renameSuggestion(assignment, names) {
  if (assignment.suggestion) assignment.suggestion = withNewNames(assignment.suggestion, names);
  for (const score of assignment.label_scores ?? []) score.label = names.get(score.label) ?? score.label;
}

/** What is new, in sentences. @param {AnnotateConfig} before @param {AnnotateConfig} after @param {boolean} newGuidelines
 * @returns {string[]} */
export function describeChanges(before, after, newGuidelines) {
  const lines = describeLabelChanges(before.labels, after.labels);
  if (newGuidelines) lines.push(gettext("The guidelines have changed."));
  const settings = ["settings", "exclusion", "scale", "columns", "likely", "overlap"];
  if (settings.some((name) => isDifferent(Reflect.get(before, name), Reflect.get(after, name)))) {
    lines.push(gettext("The settings of this project have changed."));
  }
  return lines;
}

/** @param {Label[]} before @param {Label[]} after */
function describeLabelChanges(before, after) {
  const old = new Map(before.map((label) => [label.id, label]));
  const current = new Set(after.map(({ id }) => id));
  const kept = after.filter(({ id }) => old.has(id));
  /** @param {"name"|"key"|"description"} field */
  const changed = (field) => kept.filter((label) => label[field] !== old.get(label.id)?.[field]);
  const added = after.filter(({ id }) => !old.has(id));
  const gone = before.filter(({ id }) => !current.has(id));
  const [keyed, described] = [changed("key"), changed("description")];
  return [
    ...withNames(ngettext("New label: %s.", "New labels: %s.", added.length), added),
    ...withNames(ngettext("Not used any more: %s.", "Not used any more: %s.", gone.length), gone),
    ...changed("name").map(({ id, name }) => {
      const names = { old: old.get(id)?.name, new: name };
      return interpolate(gettext("“%(old)s” is called “%(new)s” now."), names, true);
    }),
    ...withNames(ngettext("Another key: %s.", "Other keys: %s.", keyed.length), keyed),
    ...withNames(ngettext("Another description: %s.", "Other descriptions: %s.", described.length), described),
  ];
}

/** @param {string} text @param {Label[]} labels @returns {string[]} nothing where there are none */
function withNames(text, labels) {
  return labels.length ? [interpolate(text, [labels.map(({ name, words }) => words ?? name).join(", ")])] : [];
}

/** @param {unknown} a @param {unknown} b */
function isDifferent(a, b) {
  return JSON.stringify(a) !== JSON.stringify(b);
}
