/** How much to trust the figures: what each is measured on, whether the model knows how sure it may be, what was gained. */

import { fill, fillTable, make, setText } from "./dom.js";
import { interval, number, percent } from "./format.js";
import { estimateCell } from "./quality.js";

/** @param {Record<string, HTMLElement>} part @param {object} progress */
export function showTrust(part, progress) {
  const { trust } = progress;
  fill(part["trust-table"].tBodies[0], rows(progress), (row) => row.name, trustRow);
  const seen = trust.suggestions_seen;
  part["trust-seen"].hidden = !seen;
  setText(
    part["trust-seen"],
    interpolate(
      ngettext(
        "In %(n)s of the answers judged before training the suggestion was on the screen, which can sway people towards it.",
        "In %(n)s of the answers judged before training the suggestion was on the screen, which can sway people towards it.",
        seen,
      ),
      { n: number(seen) },
      true,
    ),
  );
  part.anchoring.hidden = !trust.anchoring;
  setText(part.anchoring, anchoringText(trust));
  const [equal, saved] = [equalLabels(trust.at_equal_labels), labelsSaved(trust.labels_saved)];
  setText(part["equal-labels"], equal);
  setText(part["labels-saved"], saved);
  part["labels-saved"].hidden = saved === equal; // both wait for the same
  showCalibration(part, trust.calibration);
}

function rows({ test, trust }) {
  const { random_arm: random, weighted, biased } = trust;
  const rounds = { from: number(trust.from_round ?? 0), to: number(trust.to_round ?? 0) };
  const last = interpolate(gettext("Models %(from)s to %(to)s, before they had seen the answers."), rounds, true);
  const worth = weighted.effective_sample_size === null ? "" : interpolate(gettext("Worth %(n)s equally weighted answers."), { n: number(Math.round(weighted.effective_sample_size)) }, true);
  return [
    {
      name: gettext("Test sample"),
      figure: trust.test_sample,
      text: trust.test_sample ? gettext("The newest model, on a random sample that never trains. Believe this one.") : test.reason,
    },
    { name: gettext("Random arm"), figure: random.accuracy, text: random.reason || `${gettext("A small random sample.")} ${last}` },
    {
      name: gettext("Chosen items, weighted"),
      figure: weighted.accuracy,
      text: weighted.reason || `${gettext("Each answer is weighted by how rarely such an item is chosen.")} ${worth} ${last}`,
    },
    { name: gettext("Biased: chosen items, cross-validated"), figure: biased.out_of_fold, text: biased.out_of_fold_reason || tooLow(), biased: true },
    { name: gettext("Biased: chosen items"), figure: biased.prequential, text: biased.prequential_reason || `${tooLow()} ${last}`, biased: true },
  ];
}

function anchoringText({ anchoring, in_parts: inParts }) {
  if (!anchoring?.difference) return anchoring?.reason ?? "";
  const { shown, withheld, difference } = anchoring;
  const values = {
    shown: `${percent(shown.value)} (${interval(shown)}, n = ${number(shown.count)})`,
    withheld: `${percent(withheld.value)} (${interval(withheld)}, n = ${number(withheld.count)})`,
    difference: percent(difference.value),
    range: interval(difference),
  };
  const sentence = inParts
    ? gettext(
        "Answers agree with a suggestion that people see to %(shown)s in the mean, and where it was withheld by lot to %(withheld)s: seeing it moves %(difference)s (%(range)s).",
      )
    : gettext(
        "People agree with a suggestion that they see in %(shown)s of answers, and where it was withheld by lot in %(withheld)s: seeing it moves %(difference)s (%(range)s).",
      );
  return interpolate(sentence, values, true);
}

const tooLow = () => gettext("About hard items only, so it is too low for the rest. For comparison, never for a report.");

function trustRow(row) {
  return make(
    "tr",
    { "data-biased": row.biased ? "" : null },
    make("th", { scope: "row" }, make("span", { text: row.name }), make("p", { class: "al-trust__note", text: row.text })),
    estimateCell(row.figure),
    make("td", { class: "al-number", text: row.figure ? number(row.figure.count) : "–" }),
  );
}

function equalLabels({ difference, active, random, reason }) {
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
  return interpolate(
    gettext(
      "Active learning with %(labels)s labels: %(active)s. Random labels, %(others)s of them: %(random)s. Difference %(difference)s (%(interval)s, n = %(n)s test answers).",
    ),
    values,
    true,
  );
}

function labelsSaved({ labels, equivalent_random_labels: needed, saved, limit, count, reason }) {
  if (reason || needed.value === null) return reason;
  const round = (value) => number(Math.round(value));
  const above = interpolate(gettext("more than %(limit)s"), { limit: round(limit ?? 0) }, true);
  const values = {
    labels: number(labels),
    needed: round(needed.value),
    low: needed.low === null ? above : round(needed.low),
    high: needed.high === null ? above : round(needed.high),
    saved: round(Math.max(0, saved.value)),
    n: number(count),
  };
  return interpolate(
    gettext(
      "To be as good as the newest model with its %(labels)s labels, random labels would take about %(needed)s (%(low)s to %(high)s, n = %(n)s test answers). Saved so far: about %(saved)s.",
    ),
    values,
    true,
  );
}

function showCalibration(part, calibration) {
  const { bins, ece, ece_expected: chance, ece_p95: high, count, unit, reason } = calibration;
  part.calibration.hidden = !bins.length;
  if (!bins.length) {
    setText(part["calibration-note"], reason);
    return;
  }
  const verdict = ece > high ? gettext("It is off by more than chance.") : gettext("That is no more than chance explains.");
  const values = { error: percent(ece), n: number(count), what: unit, chance: percent(chance), high: percent(high) };
  const text = gettext(
    "Expected calibration error %(error)s (n = %(n)s %(what)s). A perfectly calibrated model would show about %(chance)s by chance, and more than %(high)s one time in twenty.",
  );
  setText(part["calibration-note"], `${interpolate(text, values, true)} ${verdict}`);
  fillTable(
    part["calibration-table"],
    [gettext("The model was sure to"), pgettext("answers of a model", "Right"), gettext("95 % interval"), gettext("How many")],
    bins.map(({ confidence, accuracy }) => [percent(confidence), percent(accuracy.value), interval(accuracy), number(accuracy.count)]),
  );
}
