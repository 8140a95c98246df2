/** The learning curve: a line with its 95 % band for the strategy, a dashed one for the random arm.
 * A triangle stands where another estimator took over. */

import { changes } from "../dashboard/estimators.js";
import { interval, number, percent, range, written } from "../dashboard/format.js";
import { calm, draw, faint, legendLines } from "./theme.js";

/** @param {object[]} points of /progress/ @param {string} figure the name of a measure */
function line(points, figure, look, name) {
  const spots = (part) => points.map((point) => ({ x: point.labels, y: point[figure][part], point }));
  const band = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, isBand: true };
  const dot = points.length > 40 ? 0 : 3;
  const changed = changes(points);
  return [
    { ...band, data: spots("low"), fill: false },
    { ...band, data: spots("high"), fill: "-1", backgroundColor: faint(look.color, 0.16) },
    {
      label: name,
      data: spots("value"),
      borderColor: look.color,
      backgroundColor: look.color,
      pointBackgroundColor: look.color,
      borderWidth: 2,
      borderDash: look.dash,
      pointStyle: points.map((point) => (changed.has(point) ? "triangle" : look.mark)),
      pointRadius: points.map((point) => (changed.has(point) ? 7 : points.length === 1 ? 5 : dot)),
      pointHoverRadius: 5,
      clip: 6, // a dot at 100 % stays round
    },
  ];
}

function describe(spot, measure, name) {
  if (spot.raw.forecast) {
    const { value } = spot.raw.forecast;
    return interpolate(gettext("%(name)s: %(value)s (%(interval)s)"), { name, value: percent(value), interval: interval(spot.raw.forecast) }, true);
  }
  const figure = spot.raw.point[measure.name];
  const values = { name, value: written(figure.value, measure), interval: range(figure, measure), n: number(figure.count) };
  return interpolate(gettext("%(name)s: %(value)s (%(interval)s, n = %(n)s)"), values, true);
}

/** How the curve may go on: dashed, with its band; only the first measure is forecast. @param {object[]|null} points */
function continuation(points, look) {
  if (!points) return [];
  const spots = (part) => points.map((point) => ({ x: point.labels, y: point[part], forecast: point }));
  const plain = { pointRadius: 0, pointHitRadius: 0 };
  const band = { ...plain, borderWidth: 0, isBand: true };
  return [
    { ...band, data: spots("low"), fill: false },
    { ...band, data: spots("high"), fill: "-1", backgroundColor: faint(look.color, 0.08) },
    { ...plain, label: gettext("Forecast"), data: spots("value"), borderColor: look.color, borderWidth: 2, borderDash: [2, 4] },
  ];
}

/** Where the axis begins: below the strategy's band. The random arm's first models, of an answer or two, would
 * otherwise press all that matters against the top; those may be cut off. */
function floor(curve, control, figure) {
  const compared = control.filter((point) => point.labels >= curve[0]?.labels);
  const lowest = Math.min(1, ...curve.map((point) => point[figure].low), ...compared.map((point) => point[figure].value));
  return curve.length ? Math.floor(lowest * 10) / 10 : undefined;
}

/** @param {HTMLCanvasElement} canvas @param {object} progress @param {string} figure @param {object} theme */
export function drawCurve(canvas, progress, figure, theme) {
  const measure = progress.measures.find(({ name }) => name === figure);
  const known = (points) => (points ?? []).filter((point) => point[figure]); // older models may lack a figure
  const [curve, control] = [known(progress.curve), known(progress.control_curve)];
  const arms = [
    [curve, { color: theme.accent, mark: "circle" }, gettext("Active learning")],
    [control, { color: theme.series[1], mark: "rectRot", dash: [6, 4] }, gettext("Random arm alone")],
  ].filter(([points]) => points.length);
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
  options.plugins.tooltip.filter = (spot) => !spot.dataset.isBand;
  options.plugins.tooltip.callbacks = {
    title: ([spot]) =>
      spot?.raw.point && interpolate(gettext("Model %(round)s, %(labels)s training labels"), { round: spot.raw.point.round, labels: number(spot.raw.x) }, true),
    label: (spot) => describe(spot, measure, spot.dataset.label),
    afterBody: ([spot]) => (spot ? progress.estimators[spot.raw.point.estimator] : ""),
  };
  options.scales = {
    x: {
      type: "linear",
      title: { display: true, text: gettext("Training labels") },
      grid: { display: false },
      border: { color: theme.edge },
      ticks: { precision: 0, callback: (value) => number(value) },
      grace: 0,
    },
    y: {
      ...(measure.lower_is_better ? { grace: "10%" } : { min: floor(curve, control, figure), max: 1 }),
      grid: { color: theme.line },
      border: { display: false },
      ticks: { callback: (value) => written(value, measure, 0), maxTicksLimit: 7 },
    },
  };
  const forecast = figure === progress.measures[0].name ? continuation(progress.stop.forecast, { color: theme.accent }) : [];
  const datasets = [...arms.flatMap(([points, look, name]) => line(points, figure, look, name)), ...forecast];
  return draw(canvas, { type: "line", data: { datasets }, options });
}
