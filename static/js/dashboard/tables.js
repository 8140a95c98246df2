/** The charts' numbers as text. */

import { changesText } from "./estimators.js";
import { fill, fillTable, make, setText } from "./dom.js";
import { hour, interval, number, percent, range, written } from "./format.js";

/** @param {Record<string, HTMLElement>} part @param {object} progress */
export function showTables(part, progress) {
  showCurve(part, progress);
  showPeople(part, progress);
  showPace(part, progress);
}

function showCurve(part, progress) {
  const arm = (points, name) => [...(points ?? [])].reverse().map((point) => ({ ...point, arm: name, by: progress.estimators[point.estimator] }));
  const rows = [
    ...arm(progress.curve, gettext("active learning")),
    ...arm(progress.control_curve, gettext("random arm alone")),
  ];
  fill(part["curve-table"].tBodies[0], rows, (row) => `${row.arm} ${row.round}`, (row) => curveRow(row, progress.measures));
  setText(part["curve-note"], curveNote(progress));
}

function curveRow(row, measures) {
  const figure = (one, measure) => make("td", { class: "al-number", text: one ? `${written(one.value, measure)} (${range(one, measure)})` : "–" });
  const count = (value) => make("td", { class: "al-number", text: number(value) });
  const head = make("th", { scope: "row", text: row.arm });
  const by = make("td", { text: row.by });
  return make("tr", {}, head, count(row.round), by, count(row.labels), ...measures.map((measure) => figure(row[measure.name], measure)), count(row.accuracy.count));
}

function curveNote(progress) {
  const honest = gettext("Every model is measured on all test answers known now. Bands are their intervals of 95 %.");
  const plateau = progress.stop.forecast && progress.stop.conditions.find((row) => row.name === "plateau");
  const ahead = plateau ? interpolate(gettext("Dashed: how it may go on. %(forecast)s"), { forecast: plateau.reason }, true) : "";
  return [honest, changesText(progress), progress.control_curve_reason, ahead].filter(Boolean).join(" ");
}

function showPeople(part, { labels, throughput, agreement, trust }) {
  const heads = [gettext("Person"), ...labels.overall.map((row) => row.label), gettext("All")];
  const person = (row) => (row.machine ? interpolate(gettext("%(name)s (came with the data)"), { name: row.user }, true) : row.user);
  const rows = labels.by_person.map((row) => [person(row), ...row.labels.map((one) => number(one.count)), number(row.total)]);
  const total = labels.overall.reduce((sum, row) => sum + row.count, 0);
  rows.push([gettext("Everybody"), ...labels.overall.map((row) => number(row.count)), number(total)]);
  fillTable(part["counts-table"], heads, rows);
  setText(part.agreement, agreementText(agreement, trust.in_parts));
  const pace = Object.fromEntries(throughput.by_person.map((row) => [row.user, row]));
  const people = labels.by_person.map((row) => ({
    name: person(row),
    total: row.total,
    lately: pace[row.user]?.last_hour ?? 0,
    seconds: pace[row.user]?.median_seconds ?? null,
  }));
  fill(part.people.tBodies[0], people, (row) => row.name, personRow);
}

function agreementText(agreement, inParts) {
  if (!agreement.observed_agreement) return agreement.reason;
  const { value, count } = agreement.observed_agreement;
  const values = { share: percent(value), interval: interval(agreement.observed_agreement), n: number(count) };
  const sentence = inParts
    ? gettext("Answers of two people about the same item agree to %(share)s in the mean, by the F1 of their parts (%(interval)s, n = %(n)s pairs).")
    : gettext("Two people agree on the same item in %(share)s of cases (%(interval)s, n = %(n)s pairs).");
  return interpolate(sentence, values, true);
}

function showPace(part, { throughput }) {
  const heads = [gettext("Hour"), ...throughput.by_person.map((person) => person.user)];
  const hours = throughput.hours.map((at, n) => [hour(at), ...throughput.by_person.map((person) => number(person.counts[n]))]);
  fillTable(part["hours-table"], heads, hours.reverse());
}

function personRow(row) {
  const cell = (text) => make("td", { class: "al-number", text });
  const seconds = row.seconds === null ? "–" : number(Number(row.seconds.toPrecision(2)));
  return make("tr", {}, make("th", { scope: "row", text: row.name }), cell(number(row.total)), cell(number(row.lately)), cell(seconds));
}
