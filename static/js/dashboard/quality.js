/** The newest model label by label: metrics with intervals, and the confusion matrix. */

import { paint } from "../colors.js";
import { fill, isUnchanged, make, setProperties } from "./dom.js";
import { interval, number, percent } from "./format.js";

/**
 * @typedef {import("../types.js").ClassMetrics} ClassMetrics
 * @typedef {import("../types.js").ConfusionMatrix} ConfusionMatrix
 * @typedef {import("../types.js").DashboardParts} DashboardParts
 * @typedef {import("../types.js").Estimate} Estimate
 */

/** @param {DashboardParts} parts @param {import("../types.js").Progress} progress */
export function showQuality(parts, { current, labels }) {
  parts.quality.hidden = !current?.per_class.length; // numbers have no labels
  if (!current?.per_class.length) return;
  const colors = new Map(labels.overall.map(({ label, color }) => [label, color]));
  const rows = current.per_class.map((row) => ({ ...row, color: colors.get(row.label) ?? "" }));
  const hasAveragePrecision = "average-precision" in parts; // of boxes only
  fill(
    parts.classes.tBodies[0],
    rows,
    ({ label }) => label,
    (row) => makeClassRow(row, hasAveragePrecision),
  );
  showConfusionMatrix(parts.confusion, current.confusion);
}

/** @param {ClassMetrics & {color: string}} row @param {boolean} hasAveragePrecision */
function makeClassRow(row, hasAveragePrecision) {
  const swatch = make("span", { class: "al-swatch", "aria-hidden": "true" });
  if (row.color) paint(swatch, row.color);
  const name = make("span", { class: "al-named" }, swatch, make("span", { text: row.label }));
  const estimates = [row.precision, row.recall, row.f1_estimate];
  if (hasAveragePrecision) estimates.push(row.average_precision ?? null);
  const cells = estimates.map((estimate) => makeEstimateCell(estimate));
  const support = make("td", { class: "al-number", text: number(row.support) });
  return make("tr", {}, make("th", { scope: "row" }, name), ...cells, support);
}

/** A cell with a figure, its interval as text and as a bar; a dash without one. @param {Estimate|null} estimate */
export function makeEstimateCell(estimate) {
  if (!estimate) return make("td", { class: "al-number", text: "–" });
  const { value, low, high } = estimate;
  const bar = make("span", { class: "al-range", "aria-hidden": "true" });
  setProperties(bar, { low, high, value });
  const text = make("small", { text: interval(estimate, 0) });
  return make("td", { class: "al-number" }, make("div", { text: percent(value) }), text, bar);
}

/** @param {HTMLTableElement} table @param {ConfusionMatrix|null} matrix */
function showConfusionMatrix(table, matrix) {
  const section = table.closest("section");
  if (section) section.hidden = !matrix;
  if (!matrix || isUnchanged(table, matrix)) return;
  const { labels, counts } = matrix;
  const heads = labels.map((label) => make("th", { scope: "col", text: label }));
  const rows = counts.map((row, index) => {
    return make("tr", {}, make("th", { scope: "row", text: labels[index] }), ...makeHeatCells(row, index, labels));
  });
  const caption = gettext("Rows: what people said. Columns: what the model said.");
  table.replaceChildren(
    make("caption", { class: "al-hidden-visually", text: caption }),
    make("thead", {}, make("tr", {}, make("td", { "data-corner": "" }), ...heads)),
    make("tbody", {}, ...rows),
  );
}

/** @param {number[]} row counts by predicted label @param {number} actual index of the label that people gave
 * @param {string[]} labels */
function makeHeatCells(row, actual, labels) {
  const total = row.reduce((sum, count) => sum + count, 0);
  return row.map((count, predicted) => {
    const values = { true: labels[actual], said: labels[predicted] };
    const cell = make("td", {
      text: number(count),
      title: interpolate(gettext("People: %(true)s, model: %(said)s"), values, true),
      "data-right": actual === predicted ? "" : null,
      "data-zero": count ? null : "",
    });
    setProperties(cell, { share: total ? count / total : 0 });
    return cell;
  });
}
