/** The learning curve: a line with its 95 % band for the strategy, a dashed one for the random arm.
 * A triangle stands where another estimator took over. */

import { findEstimatorChanges } from "../dashboard/estimators.js";
import { interval, measured, measuredInterval, number, percent } from "../dashboard/format.js";
import { baseOptions, drawChart, lineLegend, makeBand, withOpacity } from "./theme.js";

/**
 * @typedef {import("../types.js").CurvePoint} CurvePoint
 * @typedef {import("../types.js").ForecastPoint} ForecastPoint
 * @typedef {import("../types.js").Measure} Measure
 * @typedef {import("../types.js").Progress} Progress
 * @typedef {import("./library.js").Dataset} Dataset
 * @typedef {import("./library.js").TooltipItem} TooltipItem
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {"value"|"low"|"high"} Bound
 */

const MAX_DOTS = 40; // of a line; a longer one has none

/** A line with its band. @param {CurvePoint[]} points @param {string} name of a measure
 * @param {{color: string, mark: string, dash?: number[]}} style @param {string} label @returns {Dataset[]} */
function makeLine(points, name, { color, mark, dash }, label) {
  /** @param {Bound} bound */
  const pointsOf = (bound) => points.map((point) => ({ x: point.labels, y: point[name][bound], point }));
  const changes = findEstimatorChanges(points);
  let radius = points.length > MAX_DOTS ? 0 : 3;
  if (points.length === 1) radius = 5;
  const line = {
    label,
    data: pointsOf("value"),
    borderColor: color,
    backgroundColor: color,
    pointBackgroundColor: color,
    borderWidth: 2,
    borderDash: dash,
    pointStyle: points.map((point) => (changes.has(point) ? "triangle" : mark)),
    pointRadius: points.map((point) => (changes.has(point) ? 7 : radius)),
    pointHoverRadius: 5,
    clip: 6, // a dot at 100 % stays round
  };
  return [...makeBand(pointsOf("low"), pointsOf("high"), withOpacity(color, 0.16)), line];
}

/** How the curve may continue: dashed, with its band. @param {ForecastPoint[]} points @param {string} color
 * @returns {Dataset[]} */
function makeForecast(points, color) {
  /** @param {Bound} bound */
  const pointsOf = (bound) => points.map((point) => ({ x: point.labels, y: point[bound], forecast: point }));
  const line = {
    label: gettext("Forecast"),
    data: pointsOf("value"),
    borderColor: color,
    borderWidth: 2,
    borderDash: [2, 4],
    pointRadius: 0,
    pointHitRadius: 0,
  };
  return [...makeBand(pointsOf("low"), pointsOf("high"), withOpacity(color, 0.08)), line];
}

/** @param {TooltipItem} item @param {Measure} measure */
function describe({ dataset, raw }, measure) {
  const name = dataset.label;
  if (raw.forecast) {
    const values = { name, value: percent(raw.forecast.value), interval: interval(raw.forecast) };
    return interpolate(gettext("%(name)s: %(value)s (%(interval)s)"), values, true);
  }
  const estimate = raw.point[measure.name];
  const values = {
    name,
    value: measured(estimate.value, measure),
    interval: measuredInterval(estimate, measure),
    n: number(estimate.count),
  };
  return interpolate(gettext("%(name)s: %(value)s (%(interval)s, n = %(n)s)"), values, true);
}

/** What made a point of the curve; a forecast was made by none. @param {Pick<TooltipItem, "raw">} item
 * @param {Record<string, string>} estimators titles by name */
export function estimatorTitle({ raw }, estimators) {
  return raw.point ? estimators[raw.point.estimator] : "";
}

/** Where the axis begins: below the strategy's band. The random arm's first models, of an answer or two, would
 * otherwise press all that matters against the top; those may be cut off.
 * @param {CurvePoint[]} curve @param {CurvePoint[]} control @param {string} name of a measure */
export function axisMinimum(curve, control, name) {
  if (!curve.length) return undefined;
  const compared = control.filter(({ labels }) => labels >= curve[0].labels);
  const heights = [...curve.map((point) => point[name].low), ...compared.map((point) => point[name].value)];
  return Math.floor(Math.min(1, ...heights) * 10) / 10;
}

/** @param {HTMLCanvasElement} canvas @param {Progress} progress @param {string} name of a measure @param {Theme} theme */
export function drawLearningCurve(canvas, progress, name, theme) {
  const measure = progress.measures.find((candidate) => candidate.name === name);
  if (!measure) throw new Error(`There is no measure ${name}.`);
  /** @param {CurvePoint[]|null} points */
  const withMeasure = (points) => (points ?? []).filter((point) => point[name]); // older models may lack one
  const curve = withMeasure(progress.curve);
  const control = withMeasure(progress.control_curve);
  const datasets = [];
  if (curve.length) {
    datasets.push(...makeLine(curve, name, { color: theme.accent, mark: "circle" }, gettext("Active learning")));
  }
  if (control.length) {
    const style = { color: theme.series[1], mark: "rectRot", dash: [6, 4] };
    datasets.push(...makeLine(control, name, style, gettext("Random arm alone")));
  }
  const { forecast } = progress.stop;
  if (forecast && name === progress.measures[0].name) datasets.push(...makeForecast(forecast, theme.accent)); // of the first measure
  const options = baseOptions(theme);
  options.interaction = { mode: "nearest", axis: "x", intersect: false };
  options.plugins.legend = lineLegend(theme);
  options.plugins.tooltip.filter = (/** @type {TooltipItem} */ { dataset }) => !dataset.isBand;
  options.plugins.tooltip.callbacks = {
    title: (/** @type {TooltipItem[]} */ [item]) => {
      if (!item?.raw.point) return "";
      const values = { round: item.raw.point.round, labels: number(item.raw.x) };
      return interpolate(gettext("Model %(round)s, %(labels)s training labels"), values, true);
    },
    label: (/** @type {TooltipItem} */ item) => describe(item, measure),
    afterBody: (/** @type {TooltipItem[]} */ [item]) => (item ? estimatorTitle(item, progress.estimators) : ""),
  };
  options.scales = {
    x: {
      type: "linear",
      title: { display: true, text: gettext("Training labels") },
      grid: { display: false },
      border: { color: theme.edge },
      ticks: { precision: 0, callback: number },
      grace: 0,
    },
    y: {
      ...(measure.lower_is_better ? { grace: "10%" } : { min: axisMinimum(curve, control, name), max: 1 }),
      grid: { color: theme.line },
      border: { display: false },
      ticks: { callback: (/** @type {number} */ value) => measured(value, measure, 0), maxTicksLimit: 7 },
    },
  };
  return drawChart(canvas, { type: "line", data: { datasets }, options });
}
