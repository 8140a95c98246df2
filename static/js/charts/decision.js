/** Precision and recall over the threshold, each with its 95 % band; an upright line where F1 is best. */

import { interval, percent } from "../dashboard/format.js";
import { calm, draw, faint, legendLines } from "./theme.js";

/** @param {HTMLCanvasElement} canvas @param {{points: object[], best: object}} decision @param {object} theme */
export function drawDecision(canvas, { points, best }, theme) {
  const options = calm(theme);
  options.interaction = { mode: "nearest", axis: "x", intersect: false };
  options.plugins.legend = {
    align: "start",
    labels: {
      usePointStyle: true,
      pointStyle: "line",
      pointStyleWidth: 28,
      color: theme.ink,
      generateLabels: legendLines,
      filter: (entry, data) => !data.datasets[entry.datasetIndex].isBand,
    },
    onClick: () => {},
  };
  options.plugins.tooltip.filter = (spot) => Boolean(spot.raw.estimate);
  options.plugins.tooltip.callbacks = {
    title: ([spot]) => spot && interpolate(gettext("Yes from %(threshold)s"), { threshold: percent(spot.raw.x) }, true),
    label: ({ dataset, raw }) => `${dataset.label}: ${percent(raw.y)} (${interval(raw.estimate)})`,
  };
  const axis = { type: "linear", min: 0, max: 1, ticks: { callback: (value) => percent(value, 0), maxTicksLimit: 6 } };
  options.scales = {
    x: { ...axis, border: { color: theme.edge }, grid: { display: false }, title: { display: true, text: gettext("Yes from this probability on") } },
    y: { ...axis, border: { display: false }, grid: { color: theme.line } },
  };
  const datasets = [
    ...line(points, "precision", { color: theme.accent }, gettext("Precision")),
    ...line(points, "recall", { color: theme.series[1], dash: [6, 4] }, gettext("Recall")),
    {
      label: gettext("Best F1"),
      data: [{ x: best.threshold, y: 0 }, { x: best.threshold, y: 1 }],
      borderColor: theme.edge,
      borderWidth: 1.5,
      borderDash: [2, 3],
      pointRadius: 0,
      pointHitRadius: 0,
    },
  ];
  return draw(canvas, { type: "line", data: { datasets }, options });
}

function line(points, figure, { color, dash }, label) {
  const spots = (part) => points.map((step) => ({ x: step.threshold, y: step[figure][part] }));
  const values = points.map((step) => ({ x: step.threshold, y: step[figure].value, estimate: step[figure] }));
  const band = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, isBand: true };
  return [
    { ...band, data: spots("low"), fill: false },
    { ...band, data: spots("high"), fill: "-1", backgroundColor: faint(color, 0.12) },
    { label, data: values, borderColor: color, backgroundColor: color, borderWidth: 2, borderDash: dash, pointRadius: 0, pointHoverRadius: 5, clip: 6 },
  ];
}
