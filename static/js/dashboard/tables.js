/** The charts' numbers as text. */

import { fill, fillTable, make, setText } from "./dom.js";
import { describeEstimatorChanges } from "./estimators.js";
import { hour, interval, measured, measuredInterval, number, percent } from "./format.js";

/**
 * @typedef {import("../types.js").CurvePoint} CurvePoint
 * @typedef {import("../types.js").DashboardParts} DashboardParts
 * @typedef {import("../types.js").Estimate} Estimate
 * @typedef {import("../types.js").Measure} Measure
 * @typedef {import("../types.js").Progress} Progress
 */

/** @param {DashboardParts} parts @param {Progress} progress */
export function showTables(parts, progress) {
  showCurve(parts, progress);
  showPeople(parts, progress);
  showPace(parts, progress);
}

// The learning curve

/** @param {DashboardParts} parts @param {Progress} progress */
function showCurve(parts, progress) {
  /** @param {CurvePoint[]|null} points @param {string} arm */
  const rowsOf = (points, arm) =>
    (points ?? []).toReversed().map((point) => ({ point, arm, title: progress.estimators[point.estimator] }));
  const rows = [
    ...rowsOf(progress.curve, gettext("active learning")),
    ...rowsOf(progress.control_curve, gettext("random arm alone")),
  ];
  fill(
    parts["curve-table"].tBodies[0],
    rows,
    ({ arm, point }) => `${arm} ${point.round}`,
    (row) => makeCurveRow(row, progress.measures),
  );
  setText(parts["curve-note"], describeCurve(progress));
}

/** @param {{point: CurvePoint, arm: string, title: string}} row @param {Measure[]} measures */
function makeCurveRow({ point, arm, title }, measures) {
  /** @param {Estimate|null|undefined} estimate @param {Measure} measure */
  const format = (estimate, measure) =>
    estimate ? `${measured(estimate.value, measure)} (${measuredInterval(estimate, measure)})` : "–";
  return make(
    "tr",
    {},
    make("th", { scope: "row", text: arm }),
    makeNumberCell(number(point.round)),
    make("td", { text: title }),
    makeNumberCell(number(point.labels)),
    ...measures.map((measure) => makeNumberCell(format(point[measure.name], measure))),
    makeNumberCell(number(point.accuracy.count)),
  );
}

/** @param {string} text */
function makeNumberCell(text) {
  return make("td", { class: "al-number", text });
}

/** @param {Progress} progress */
function describeCurve(progress) {
  const sentences = [
    gettext("Every model is measured on all test answers known now. Bands are their intervals of 95 %."),
    describeEstimatorChanges(progress),
    progress.control_curve_reason,
  ];
  const plateau = progress.stop.forecast && progress.stop.conditions.find(({ name }) => name === "plateau");
  if (plateau) {
    sentences.push(interpolate(gettext("Dashed: how it may go on. %(forecast)s"), { forecast: plateau.reason }, true));
  }
  return sentences.filter(Boolean).join(" ");
}

// People

/** @param {DashboardParts} parts @param {Progress} progress */
function showPeople(parts, { labels, throughput, agreement, trust }) {
  /** @param {{user: string, machine: boolean}} row */
  const nameOf = ({ user, machine }) =>
    machine ? interpolate(gettext("%(name)s (came with the data)"), { name: user }, true) : user;
  const heads = [gettext("Person"), ...labels.overall.map(({ label }) => label), gettext("All")];
  const rows = labels.by_person.map((row) => [
    nameOf(row),
    ...row.labels.map(({ count }) => number(count)),
    number(row.total),
  ]);
  const total = labels.overall.reduce((sum, { count }) => sum + count, 0);
  rows.push([gettext("Everybody"), ...labels.overall.map(({ count }) => number(count)), number(total)]);
  fillTable(parts["counts-table"], heads, rows);
  setText(parts.agreement, describeAgreement(agreement, trust.in_parts));
  const pace = new Map(throughput.by_person.map((row) => [row.user, row]));
  const people = labels.by_person.map((row) => ({
    name: nameOf(row),
    total: row.total,
    lastHour: pace.get(row.user)?.last_hour ?? 0,
    medianSeconds: pace.get(row.user)?.median_seconds ?? null,
  }));
  fill(parts.people.tBodies[0], people, ({ name }) => name, makePersonRow);
}

/** @param {Progress["agreement"]} agreement @param {boolean} hasComponents */
function describeAgreement(agreement, hasComponents) {
  const { disagreeing, extra, overlap } = agreement;
  const sentences = [describeShare(agreement, hasComponents)];
  if (disagreeing) {
    const text = ngettext(
      "On %s item people disagree: it trains no model until a majority settles it.",
      "On %s items people disagree: they train no model until a majority settles them.",
      disagreeing,
    );
    sentences.push(interpolate(text, [number(disagreeing)]));
  }
  if (extra) {
    const text = ngettext(
      "%(extra)s item has late answers, or answers of more than %(overlap)s people: see Items, status Late or extra answers.",
      "%(extra)s items have late answers, or answers of more than %(overlap)s people: see Items, status Late or extra answers.",
      extra,
    );
    const one = ngettext(
      "%(extra)s item has a late answer, or answers of several people though one was asked: see Items, status Late or extra answers.",
      "%(extra)s items have late answers, or answers of several people though one was asked: see Items, status Late or extra answers.",
      extra,
    );
    const values = { extra: number(extra), overlap: number(overlap) };
    sentences.push(interpolate(overlap === 1 ? one : text, values, true));
  }
  return sentences.join(" ");
}

/** @param {Progress["agreement"]} agreement @param {boolean} hasComponents */
function describeShare({ observed_agreement: share, reason }, hasComponents) {
  if (!share) return reason;
  const values = { share: percent(share.value), interval: interval(share), n: number(share.count) };
  const sentence = hasComponents
    ? gettext(
        "Answers of two people about the same item agree to %(share)s in the mean, by the F1 of their parts (%(interval)s, n = %(n)s pairs).",
      )
    : gettext("Two people agree on the same item in %(share)s of cases (%(interval)s, n = %(n)s pairs).");
  return interpolate(sentence, values, true);
}

/** @param {{name: string, total: number, lastHour: number, medianSeconds: number|null}} person */
function makePersonRow({ name, total, lastHour, medianSeconds }) {
  const seconds = medianSeconds === null ? "–" : number(Number(medianSeconds.toPrecision(2)));
  const cells = [number(total), number(lastHour), seconds].map(makeNumberCell);
  return make("tr", {}, make("th", { scope: "row", text: name }), ...cells);
}

/** @param {DashboardParts} parts @param {Progress} progress */
function showPace(parts, { throughput }) {
  const heads = [gettext("Hour"), ...throughput.by_person.map(({ user }) => user)];
  const rows = throughput.hours.map((iso, index) => {
    return [hour(iso), ...throughput.by_person.map(({ counts }) => number(counts[index]))];
  });
  fillTable(parts["hours-table"], heads, rows.reverse());
}
