/** How reliable the figures are: what each is measured on, whether the model is calibrated, what was gained. */

import { fill, fillTable, make, setText } from "./dom.js";
import { interval, number, percent } from "./format.js";
import { makeEstimateCell } from "./quality.js";

/**
 * @typedef {import("../types.js").DashboardParts} DashboardParts
 * @typedef {import("../types.js").Estimate} Estimate
 * @typedef {import("../types.js").Progress} Progress
 * @typedef {import("../types.js").Reliability} Reliability
 * @typedef {{name: string, estimate: Estimate|null, text: string, isBiased: boolean}} Row
 */

/** @param {DashboardParts} parts @param {Progress} progress */
export function showReliability(parts, progress) {
  const { trust: reliability } = progress;
  fill(parts["reliability-table"].tBodies[0], rowsOf(progress), ({ name }) => name, makeRow);
  const seen = reliability.suggestions_seen;
  parts["suggestions-seen"].hidden = !seen;
  setText(parts["suggestions-seen"], describeSeenSuggestions(seen));
  parts.anchoring.hidden = !reliability.anchoring;
  setText(parts.anchoring, describeAnchoring(reliability));
  const equal = describeEqualLabels(reliability.at_equal_labels);
  const saved = describeLabelsSaved(reliability.labels_saved);
  setText(parts["equal-labels"], equal);
  setText(parts["labels-saved"], saved);
  parts["labels-saved"].hidden = saved === equal; // both wait for the same
  showCalibration(parts, reliability.calibration);
}

/** @param {Progress} progress @returns {Row[]} */
function rowsOf({
  test,
  trust: { biased, from_round: from, random_arm: random, test_sample: sample, to_round: to, weighted },
}) {
  const rounds = { from: number(from ?? 0), to: number(to ?? 0) };
  const models = interpolate(gettext("Models %(from)s to %(to)s, before they had seen the answers."), rounds, true);
  const tooLow = gettext("About hard items only, so it is too low for the rest. For comparison, never for a report.");
  return [
    {
      name: gettext("Test sample"),
      estimate: sample,
      text: sample ? gettext("The newest model, on a random sample that never trains. Believe this one.") : test.reason,
      isBiased: false,
    },
    {
      name: gettext("Random arm"),
      estimate: random.accuracy,
      text: random.reason || `${gettext("A small random sample.")} ${models}`,
      isBiased: false,
    },
    {
      name: gettext("Chosen items, weighted"),
      estimate: weighted.accuracy,
      text: weighted.reason || `${describeWeighting(weighted.effective_sample_size)} ${models}`,
      isBiased: false,
    },
    {
      name: gettext("Biased: chosen items, cross-validated"),
      estimate: biased.out_of_fold,
      text: biased.out_of_fold_reason || tooLow,
      isBiased: true,
    },
    {
      name: gettext("Biased: chosen items"),
      estimate: biased.prequential,
      text: biased.prequential_reason || `${tooLow} ${models}`,
      isBiased: true,
    },
  ];
}

/** @param {number|null} effective sample size */
function describeWeighting(effective) {
  const text = gettext("Each answer is weighted by how rarely such an item is chosen.");
  if (effective === null) return text;
  const n = number(Math.round(effective));
  return `${text} ${interpolate(gettext("Worth %(n)s equally weighted answers."), { n }, true)}`;
}

/** @param {Row} row */
function makeRow({ name, estimate, text, isBiased }) {
  const note = make("p", { class: "al-trust__note", text });
  return make(
    "tr",
    { "data-biased": isBiased ? "" : null },
    make("th", { scope: "row" }, make("span", { text: name }), note),
    makeEstimateCell(estimate),
    make("td", { class: "al-number", text: estimate ? number(estimate.count) : "–" }),
  );
}

/** @param {number} count of answers */
function describeSeenSuggestions(count) {
  const text = ngettext(
    "In %(n)s of the answers judged before training the suggestion was on the screen, which can sway people towards it.",
    "In %(n)s of the answers judged before training the suggestion was on the screen, which can sway people towards it.",
    count,
  );
  return interpolate(text, { n: number(count) }, true);
}

/** @param {Reliability} reliability */
function describeAnchoring({ anchoring, in_parts: hasComponents }) {
  if (!anchoring?.difference) return anchoring?.reason ?? "";
  const { shown, withheld, difference } = anchoring;
  const values = {
    shown: `${percent(shown.value)} (${interval(shown)}, n = ${number(shown.count)})`,
    withheld: `${percent(withheld.value)} (${interval(withheld)}, n = ${number(withheld.count)})`,
    difference: percent(difference.value),
    range: interval(difference),
  };
  const sentence = hasComponents
    ? gettext(
        "Answers agree with a suggestion that people see to %(shown)s in the mean, and where it was withheld by lot to %(withheld)s: seeing it moves %(difference)s (%(range)s).",
      )
    : gettext(
        "People agree with a suggestion that they see in %(shown)s of answers, and where it was withheld by lot in %(withheld)s: seeing it moves %(difference)s (%(range)s).",
      );
  return interpolate(sentence, values, true);
}

/** @param {Reliability["at_equal_labels"]} comparison */
function describeEqualLabels({ difference, active, random, reason }) {
  if (!difference) return reason;
  const values = {
    labels: number(active.labels),
    others: number(random.labels),
    active: percent(active.accuracy.value),
    random: percent(random.accuracy.value),
    difference: percent(difference.value),
    interval: interval(difference),
    n: number(difference.count),
  };
  const text = gettext(
    "Active learning with %(labels)s labels: %(active)s. Random labels, %(others)s of them: %(random)s. Difference %(difference)s (%(interval)s, n = %(n)s test answers).",
  );
  return interpolate(text, values, true);
}

/** @param {Reliability["labels_saved"]} savings */
function describeLabelsSaved({ labels, equivalent_random_labels: equivalent, saved, limit, count, reason }) {
  if (reason || equivalent.value === null) return reason;
  /** @param {number} value */
  const round = (value) => number(Math.round(value));
  const aboveLimit = interpolate(gettext("more than %(limit)s"), { limit: round(limit ?? 0) }, true);
  const values = {
    labels: number(labels),
    needed: round(equivalent.value),
    low: equivalent.low === null ? aboveLimit : round(equivalent.low),
    high: equivalent.high === null ? aboveLimit : round(equivalent.high),
    saved: round(Math.max(0, saved.value ?? 0)),
    n: number(count),
  };
  const text = gettext(
    "To be as good as the newest model with its %(labels)s labels, random labels would take about %(needed)s (%(low)s to %(high)s, n = %(n)s test answers). Saved so far: about %(saved)s.",
  );
  return interpolate(text, values, true);
}

/** @param {DashboardParts} parts @param {import("../types.js").Calibration} calibration */
function showCalibration(parts, { bins, ece, ece_expected: chance, ece_p95: high, count, unit, reason }) {
  parts.calibration.hidden = !bins.length;
  if (!bins.length) {
    setText(parts["calibration-note"], reason);
    return;
  }
  const verdict =
    ece > high ? gettext("It is off by more than chance.") : gettext("That is no more than chance explains.");
  const values = { error: percent(ece), n: number(count), what: unit, chance: percent(chance), high: percent(high) };
  const text = gettext(
    "Expected calibration error %(error)s (n = %(n)s %(what)s). A perfectly calibrated model would show about %(chance)s by chance, and more than %(high)s one time in twenty.",
  );
  setText(parts["calibration-note"], `${interpolate(text, values, true)} ${verdict}`);
  fillTable(
    parts["calibration-table"],
    [
      gettext("The model was sure to"),
      pgettext("answers of a model", "Right"),
      gettext("95 % interval"),
      gettext("How many"),
    ],
    bins.map(({ confidence, accuracy }) => [
      percent(confidence),
      percent(accuracy.value),
      interval(accuracy),
      number(accuracy.count),
    ]),
  );
}
