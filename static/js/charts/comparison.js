/** The result of a simulation: a line with its 95 % band for each strategy and learner. The colour and the mark are the
 * strategy, the dashes are the learner. */

import { number } from "../dashboard/format.js";
import { Chart } from "./library.js";
import { baseOptions, drawChart, makeBand, withOpacity } from "./theme.js";

/**
 * @typedef {import("../types.js").Comparison} Comparison
 * @typedef {import("../types.js").ComparisonRow} ComparisonRow
 * @typedef {import("../types.js").MeanInterval} MeanInterval
 * @typedef {import("../types.js").SimulatedCurve} SimulatedCurve
 * @typedef {import("./library.js").Dataset} Dataset
 * @typedef {import("./library.js").TooltipItem} TooltipItem
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {{color: string, dash: number[], mark?: string}} Style
 */

const MARKS = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "cross"];
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
const MAX_MARKS = 10; // on one line
const MIN_SIDE_LEGEND_PIXELS = 700; // of the chart's box, for a legend beside the chart
const RECALL_GOAL = 0.95;
const MIN_PADDING = 0.02; // above and below the lines
const decimals = new Intl.NumberFormat(document.documentElement.lang || "en", {
  minimumFractionDigits: 3,
  maximumFractionDigits: 3,
});

/** @param {Comparison} comparison @param {ComparisonRow} row */
function nameOf({ strategies, learners }, row) {
  const names = { strategy: strategies[row.strategy], learner: learners[row.learner] };
  return learners.length > 1 ? interpolate(gettext("%(strategy)s, %(learner)s"), names, true) : names.strategy;
}

/** @param {ComparisonRow} row @param {Theme} theme @returns {Style} */
function styleOf({ strategy, learner }, { series }) {
  return {
    color: series[strategy % series.length],
    mark: MARKS[strategy % MARKS.length],
    dash: DASHES[learner % DASHES.length],
  };
}

/** A line with its band, where there is more than one seed. @param {SimulatedCurve} curve @param {string} label
 * @param {Style} style @returns {Dataset[]} */
function makeLine(curve, label, style) {
  /** @param {"mean"|"low"|"high"} bound */
  const pointsOf = (bound) =>
    curve.map(([x, estimate]) => ({ x, y: Math.min(Math.max(estimate[bound] ?? 0, 0), 1), estimate }));
  const markEvery = Math.max(1, Math.floor(curve.length / MAX_MARKS));
  const hasBand = curve.every(([, { low }]) => low !== null);
  const line = {
    label,
    data: pointsOf("mean"),
    borderColor: style.color,
    backgroundColor: style.color,
    borderWidth: 2,
    borderDash: style.dash,
    pointStyle: style.mark,
    pointRadius: curve.map((_, index) => (index % markEvery ? 0 : 4)),
    pointHoverRadius: 5,
    clip: 6, // a mark at the edge stays whole
    style,
  };
  return [...(hasBand ? makeBand(pointsOf("low"), pointsOf("high"), withOpacity(style.color, 0.12)) : []), line];
}

/** A level line across the chart. @param {number|undefined} y @param {[number, number]} range of x
 * @param {string} label @param {Style} style @returns {Dataset} */
function makeLevel(y, range, label, style) {
  return {
    label,
    data: range.map((x) => ({ x, y })),
    borderColor: style.color,
    borderWidth: 1.5,
    borderDash: style.dash,
    pointRadius: 0,
    pointHitRadius: 0,
    style,
  };
}

/** A sample for the legend: the line as it is drawn, and the mark on it. @param {Style} style */
function makeSample({ color, dash, mark }) {
  const canvas = document.createElement("canvas");
  canvas.width = 36;
  canvas.height = 12;
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 2;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(0, 6);
  context.lineTo(36, 6);
  context.stroke();
  context.setLineDash([]);
  if (mark) Chart.helpers.drawPoint(context, { pointStyle: mark, radius: 4, borderWidth: 2 }, 18, 6);
  return canvas;
}

/** @param {HTMLElement} box of the chart @param {Dataset[]} datasets */
function makeLegend(box, datasets) {
  const isBeside = box.clientWidth >= MIN_SIDE_LEGEND_PIXELS;
  const lines = datasets.filter((dataset) => !dataset.isBand);
  const generateLabels = () =>
    lines.map((dataset) => ({
      text: dataset.label,
      pointStyle: makeSample(dataset.style),
      fontColor: Chart.defaults.color,
      datasetIndex: datasets.indexOf(dataset),
    }));
  if (!isBeside) box.style.setProperty("--rows", String(lines.length));
  return {
    position: isBeside ? "right" : "top",
    align: "start",
    maxWidth: 430,
    labels: {
      usePointStyle: true,
      pointStyleWidth: 36,
      generateLabels,
      font: { size: isBeside ? 13 : 11 },
      padding: 8,
    },
    onClick: () => {},
  };
}

/** @param {TooltipItem} item */
function describe({ dataset, raw }) {
  /** @type {MeanInterval} */
  const { mean, low, high } = raw.estimate ?? { mean: raw.y, low: null, high: null };
  const values = { name: dataset.label, value: decimals.format(mean) };
  if (low === null || high === null) return interpolate(gettext("%(name)s: %(value)s"), values, true);
  const bounds = { from: decimals.format(low), to: decimals.format(high) };
  const interval = interpolate(gettext("%(from)s to %(to)s"), bounds, true);
  return interpolate(gettext("%(name)s: %(value)s (%(interval)s)"), { ...values, interval }, true);
}

/** @param {HTMLCanvasElement} canvas @param {Dataset[]} datasets @param {string} unit
 * @param {{min: number, max: number}} bounds @param {Theme} theme */
function drawLines(canvas, datasets, unit, bounds, theme) {
  const options = baseOptions(theme);
  options.interaction = { mode: "nearest", axis: "xy", intersect: false };
  if (canvas.parentElement) options.plugins.legend = makeLegend(canvas.parentElement, datasets);
  options.plugins.tooltip.filter = (/** @type {TooltipItem} */ { dataset }) => !dataset.isBand;
  options.plugins.tooltip.callbacks = {
    title: (/** @type {TooltipItem[]} */ [item]) =>
      item && interpolate(gettext("%(count)s training labels"), { count: number(item.raw.x) }, true),
    label: describe,
  };
  options.scales = {
    x: {
      type: "linear",
      title: { display: true, text: gettext("Training labels") },
      grid: { display: false },
      border: { color: theme.edge },
      ticks: { precision: 0, maxRotation: 0, callback: number },
    },
    y: {
      ...bounds,
      title: { display: true, text: unit },
      grid: { color: theme.line },
      border: { display: false },
      ticks: { maxTicksLimit: 8 },
    },
  };
  return drawChart(canvas, { type: "line", data: { datasets }, options });
}

/** The least and the greatest number of labels. @param {SimulatedCurve[]} curves @returns {[number, number]} */
export function labelRange(curves) {
  const labels = curves.flatMap((curve) => curve.map(([x]) => x));
  return [Math.min(...labels), Math.max(...labels)];
}

/** Bounds of the axis that show all lines; the bands of a few seeds may be so wide that nothing else were to be seen.
 * @param {ComparisonRow[]} rows */
export function axisBounds(rows) {
  const heights = rows.flatMap(({ curve, full }) => [full, ...curve.map(([, { mean }]) => mean)]);
  const [least, greatest] = [Math.min(...heights), Math.max(...heights)];
  const padding = Math.max(0.3 * (greatest - least), MIN_PADDING);
  return {
    min: Math.max(Math.floor((least - padding) * 50) / 50, 0),
    max: Math.min(Math.ceil((greatest + padding) * 50) / 50, 1),
  };
}

/** The learning curves, and level with them the score with all labels.
 * @param {HTMLCanvasElement} canvas @param {Comparison} comparison @param {Theme} theme */
export function drawLearning(canvas, comparison, theme) {
  const { learners, metric } = comparison;
  const rows = comparison.rows.filter(({ curve }) => curve.length);
  if (!rows.length) return;
  const range = labelRange(rows.map(({ curve }) => curve));
  const levels = learners.map((learner, index) => {
    const text = gettext("All labels, %(learner)s");
    const label = learners.length > 1 ? interpolate(text, { learner }, true) : gettext("All labels");
    const style = { color: theme.edge, dash: DASHES[index % DASHES.length] };
    return makeLevel(rows.find((row) => row.learner === index)?.full, range, label, style);
  });
  const lines = rows.flatMap((row) => makeLine(row.curve, nameOf(comparison, row), styleOf(row, theme)));
  drawLines(canvas, [...lines, ...levels], metric, axisBounds(rows), theme);
}

/** How many of the items with the label searched for were found.
 * @param {HTMLCanvasElement} canvas @param {Comparison} comparison @param {Theme} theme */
export function drawRecall(canvas, comparison, theme) {
  const lines = comparison.rows.flatMap((row) =>
    row.recall?.length ? makeLine(row.recall, nameOf(comparison, row), styleOf(row, theme)) : [],
  );
  if (!lines.length) return;
  const range = labelRange(comparison.rows.flatMap(({ recall }) => (recall ? [recall] : [])));
  const goal = makeLevel(RECALL_GOAL, range, "95 %", { color: theme.edge, dash: [2, 3] });
  drawLines(canvas, [...lines, goal], gettext("Recall"), { min: 0, max: 1 }, theme);
}
