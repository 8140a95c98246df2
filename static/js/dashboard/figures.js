/** The large figures: each with its interval and n, or with what is missing. */

import { setProperties, setText } from "./dom.js";
import { measured, measuredInterval, number } from "./format.js";

/**
 * @typedef {import("../types.js").DashboardParts} DashboardParts
 * @typedef {import("../types.js").Progress} Progress
 */

/** @param {DashboardParts} parts @param {Progress} progress */
export function showFigures(parts, progress) {
  for (const measure of progress.measures) showEstimate(parts, measure, progress);
  showLabels(parts, progress);
  showPace(parts, progress);
}

/** @param {DashboardParts} parts @param {import("../types.js").Measure} measure @param {Progress} progress */
function showEstimate(parts, measure, progress) {
  const { name } = measure;
  /** @type {import("../types.js").Estimate|undefined|null} */
  const estimate = progress.current?.[name];
  const bar = parts[`${name}-range`];
  bar.hidden = !estimate || measure.lower_is_better;
  parts[name].toggleAttribute("data-empty", !estimate);
  if (estimate) {
    const { value, low, high, count } = estimate;
    setText(parts[name], measured(value, measure));
    setProperties(bar, { low, high, value });
    const values = { interval: measuredInterval(estimate, measure), n: number(count) };
    setText(parts[`${name}-note`], interpolate(gettext("%(interval)s (95 %)\nn\u00a0=\u00a0%(n)s"), values, true));
    return;
  }
  setText(parts[name], gettext("not yet"));
  const { answered, needed } = progress.test;
  const values = { answered: number(answered), needed: number(needed) };
  setText(parts[`${name}-note`], interpolate(explainMissing(progress), values, true));
}

/** @param {Progress} progress */
function explainMissing({ test, current }) {
  if (test.possible !== null && test.possible < test.needed) return gettext("The test sample is too small");
  if (test.answered < test.needed) return gettext("%(answered)s of %(needed)s test answers so far");
  return current ? gettext("The next model will have it") : gettext("There is no model yet");
}

/** @param {DashboardParts} parts @param {Progress} progress */
function showLabels(parts, { counts }) {
  setText(parts.labels, number(counts.labelled));
  const values = {
    items: number(counts.items),
    training: number(counts.training_labels),
    test: number(counts.test_answered),
  };
  const text = gettext("of %(items)s items; %(training)s train, %(test)s test");
  setText(parts["labels-note"], interpolate(text, values, true));
}

/** @param {DashboardParts} parts @param {Progress} progress */
function showPace(parts, { throughput }) {
  setText(parts.pace, number(throughput.hour));
  const people = throughput.by_person.filter((person) => person.last_hour > 0).length;
  const text = ngettext("in the last 60 minutes, by %(n)s person", "in the last 60 minutes, by %(n)s people", people);
  const note = people ? interpolate(text, { n: number(people) }, true) : gettext("nobody in the last 60 minutes");
  setText(parts["pace-note"], note);
}
