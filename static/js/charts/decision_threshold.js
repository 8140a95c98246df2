/** Precision and recall over the threshold, each with its 95 % band; an upright line where F1 is best. */

import { interval, percent } from "../dashboard/format.js";
import { baseOptions, drawChart, lineLegend, makeBand, withOpacity } from "./theme.js";

/**
 * @typedef {import("../types.js").ThresholdPoint} ThresholdPoint
 * @typedef {import("../types.js").ThresholdReport} ThresholdReport
 * @typedef {import("./library.js").Dataset} Dataset
 * @typedef {import("./library.js").TooltipItem} TooltipItem
 */

/** @param {HTMLCanvasElement} canvas @param {ThresholdReport} report @param {import("./theme.js").Theme} theme */
export function drawDecisionThreshold(canvas, { points, best }, theme) {
  const options = baseOptions(theme);
  options.interaction = { mode: "nearest", axis: "x", intersect: false };
  options.plugins.legend = lineLegend(theme);
  options.plugins.tooltip.filter = (/** @type {TooltipItem} */ { raw }) => Boolean(raw.estimate);
  options.plugins.tooltip.callbacks = {
    title: (/** @type {TooltipItem[]} */ [item]) =>
      item && interpolate(gettext("Yes from %(threshold)s"), { threshold: percent(item.raw.x) }, true),
    label: (/** @type {TooltipItem} */ { dataset, raw }) =>
      `${dataset.label}: ${percent(raw.y)} (${interval(raw.estimate)})`,
  };
  const axis = {
    type: "linear",
    min: 0,
    max: 1,
    ticks: { callback: (/** @type {number} */ value) => percent(value, 0), maxTicksLimit: 6 },
  };
  options.scales = {
    x: {
      ...axis,
      border: { color: theme.edge },
      grid: { display: false },
      title: { display: true, text: gettext("Yes from this probability on") },
    },
    y: { ...axis, border: { display: false }, grid: { color: theme.line } },
  };
  const datasets = [
    ...makeLine(points, "precision", { color: theme.accent }, gettext("Precision")),
    ...makeLine(points, "recall", { color: theme.series[1], dash: [6, 4] }, gettext("Recall")),
    {
      label: gettext("Best F1"),
      data: [
        { x: best.threshold, y: 0 },
        { x: best.threshold, y: 1 },
      ],
      borderColor: theme.edge,
      borderWidth: 1.5,
      borderDash: [2, 3],
      pointRadius: 0,
      pointHitRadius: 0,
    },
  ];
  return drawChart(canvas, { type: "line", data: { datasets }, options });
}

/** A line with its band. @param {ThresholdPoint[]} points @param {"precision"|"recall"} metric
 * @param {{color: string, dash?: number[]}} style @param {string} label @returns {Dataset[]} */
function makeLine(points, metric, { color, dash }, label) {
  /** @param {"value"|"low"|"high"} bound */
  const pointsOf = (bound) => points.map((point) => ({ x: point.threshold, y: point[metric][bound] }));
  const line = {
    label,
    data: points.map((point) => ({ x: point.threshold, y: point[metric].value, estimate: point[metric] })),
    borderColor: color,
    backgroundColor: color,
    borderWidth: 2,
    borderDash: dash,
    pointRadius: 0,
    pointHoverRadius: 5,
    clip: 6, // the line at 100 % keeps its width
  };
  return [...makeBand(pointsOf("low"), pointsOf("high"), withOpacity(color, 0.12)), line];
}
