/** Two classes: how well the model ranks the rarer one, and what each threshold of its probability gives. */

import { fillTable, setText } from "./dom.js";
import { interval, number, percent } from "./format.js";

/** @param {Record<string, HTMLElement>} part @param {object} progress */
export function showDecision(part, { threshold_report: decision }) {
  part.decision.hidden = !decision;
  if (!decision) return;
  const { average_precision: ranking, best, default: now, reason, points } = decision;
  for (const name of ["decision-best", "decision-note", "decision-figures"]) part[name].hidden = Boolean(reason);
  setText(part["decision-ranking"], reason || rankingText(decision, ranking));
  if (reason) return;
  setText(part["decision-best"], thresholdText(decision, best, now));
  fillTable(
    part["decision-table"],
    [gettext("Yes from"), gettext("Precision"), gettext("Recall"), "F1", gettext("Yes in all")],
    points.map((step) => [
      step.threshold === best.threshold ? interpolate(gettext("%(threshold)s (best F1)"), { threshold: percent(step.threshold) }, true) : percent(step.threshold),
      `${percent(step.precision.value)} (${interval(step.precision)})`,
      `${percent(step.recall.value)} (${interval(step.recall)})`,
      percent(step.f1),
      number(step.precision.count),
    ]),
  );
}

function rankingText({ label, count, positives, prevalence }, ranking) {
  const values = { label, value: percent(ranking.value), interval: interval(ranking), n: number(count), positives: number(positives), share: percent(prevalence) };
  return interpolate(
    gettext("Average precision for “%(label)s”: %(value)s (%(interval)s, n = %(n)s test answers, of which %(positives)s are). Guessing has %(share)s."),
    values,
    true,
  );
}

function thresholdText({ label }, best, now) {
  const values = {
    label,
    threshold: percent(best.threshold),
    precision: percent(best.precision.value),
    recall: percent(best.recall.value),
    f1: percent(best.f1),
    half: percent(now.threshold, 0),
    then: percent(now.f1),
  };
  return interpolate(
    gettext(
      "The best F1 comes from saying “%(label)s” from %(threshold)s on: precision %(precision)s, recall %(recall)s, F1 %(f1)s. From %(half)s on, F1 is %(then)s.",
    ),
    values,
    true,
  );
}
