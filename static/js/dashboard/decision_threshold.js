/** Two classes: how well the model ranks the rarer one, and what each threshold of its probability gives. */

import { fillTable, setText } from "./dom.js";
import { interval, number, percent } from "./format.js";

/** @typedef {import("../types.js").ThresholdReport} ThresholdReport */

/** @param {import("../types.js").DashboardParts} parts @param {import("../types.js").Progress} progress */
export function showDecisionThreshold(parts, { threshold_report: report }) {
  parts.decision.hidden = !report;
  if (!report) return;
  const { best, reason, points } = report;
  for (const name of ["decision-best", "decision-note", "decision-figures"]) parts[name].hidden = Boolean(reason);
  setText(parts["decision-ranking"], reason || describeRanking(report));
  if (reason) return;
  setText(parts["decision-best"], describeBest(report));
  fillTable(
    parts["decision-table"],
    [gettext("Yes from"), gettext("Precision"), gettext("Recall"), "F1", gettext("Yes in all")],
    points.map(({ threshold, precision, recall, f1 }) => {
      const from = percent(threshold);
      const isBest = threshold === best.threshold;
      return [
        isBest ? interpolate(gettext("%(threshold)s (best F1)"), { threshold: from }, true) : from,
        `${percent(precision.value)} (${interval(precision)})`,
        `${percent(recall.value)} (${interval(recall)})`,
        percent(f1),
        number(precision.count),
      ];
    }),
  );
}

/** @param {ThresholdReport} report */
function describeRanking({ average_precision: precision, label, count, positives, prevalence }) {
  const values = {
    label,
    value: percent(precision.value),
    interval: interval(precision),
    n: number(count),
    positives: number(positives),
    share: percent(prevalence),
  };
  const text = gettext(
    "Average precision for “%(label)s”: %(value)s (%(interval)s, n = %(n)s test answers, of which %(positives)s are). Guessing has %(share)s.",
  );
  return interpolate(text, values, true);
}

/** @param {ThresholdReport} report */
function describeBest({ best, label, default: standard }) {
  const values = {
    label,
    threshold: percent(best.threshold),
    precision: percent(best.precision.value),
    recall: percent(best.recall.value),
    f1: percent(best.f1),
    half: percent(standard.threshold, 0),
    then: percent(standard.f1),
  };
  const text = gettext(
    "The best F1 comes from saying “%(label)s” from %(threshold)s on: precision %(precision)s, recall %(recall)s, F1 %(f1)s. From %(half)s on, F1 is %(then)s.",
  );
  return interpolate(text, values, true);
}
