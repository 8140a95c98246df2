/** What a simulation found: a line with its 95 % band for each strategy and learner. The colour and the mark are the
 * strategy, the dashes are the learner. */

import { number } from "../dashboard/format.js";
import { Chart } from "./library.js";
import { calm, draw, faint } from "./theme.js";

const MARKS = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "cross"];
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
const MOST_MARKS = 10; // on one line
const WIDE = 700; // pixels from which there is room for the legend beside the chart
const digits = new Intl.NumberFormat(document.documentElement.lang || "en", {
  minimumFractionDigits: 3,
  maximumFractionDigits: 3,
});

/** @param {object} found with strategies, learners and rows @param {object} row */
function nameOf({ strategies, learners }, row) {
  const names = { strategy: strategies[row.strategy], learner: learners[row.learner] };
  return learners.length > 1 ? interpolate(gettext("%(strategy)s, %(learner)s"), names, true) : names.strategy;
}

function lookOf({ strategy, learner }, theme) {
  const { series } = theme;
  return {
    color: series[strategy % series.length],
    mark: MARKS[strategy % MARKS.length],
    dash: DASHES[learner % DASHES.length],
  };
}

/** @param {[number, object][]} points labels, and the mean over the seeds with its interval */
function line(points, name, look) {
  const spots = (part) => points.map(([x, spread]) => ({ x, y: Math.min(Math.max(spread[part], 0), 1), spread }));
  const band = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, isBand: true };
  const every = Math.max(1, Math.floor(points.length / MOST_MARKS));
  const bands = points.every(([, spread]) => spread.low !== null)
    ? [
        { ...band, data: spots("low"), fill: false },
        { ...band, data: spots("high"), fill: "-1", backgroundColor: faint(look.color, 0.12) },
      ]
    : [];
  return [
    ...bands,
    {
      label: name,
      data: spots("mean"),
      borderColor: look.color,
      backgroundColor: look.color,
      borderWidth: 2,
      borderDash: look.dash,
      pointStyle: look.mark,
      pointRadius: points.map((_, n) => (n % every ? 0 : 4)),
      pointHoverRadius: 5,
      clip: 6, // a mark at the edge stays whole
      look,
    },
  ];
}

/** A level line across the chart. */
function level(y, [from, to], name, look) {
  const data = [from, to].map((x) => ({ x, y }));
  return {
    label: name,
    data,
    borderColor: look.color,
    borderWidth: 1.5,
    borderDash: look.dash,
    pointRadius: 0,
    pointHitRadius: 0,
    look,
  };
}

/** The legend's sample: the line as it is drawn, and the mark on it. */
function sample({ color, dash, mark }) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [36, 12];
  const pen = canvas.getContext("2d");
  pen.strokeStyle = pen.fillStyle = color;
  pen.lineWidth = 2;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(0, 6);
  pen.lineTo(36, 6);
  pen.stroke();
  pen.setLineDash([]);
  if (mark) Chart.helpers.drawPoint(pen, { pointStyle: mark, radius: 4, borderWidth: 2 }, 18, 6);
  return canvas;
}

function legend(canvas, datasets) {
  const beside = canvas.parentElement.clientWidth >= WIDE;
  const lines = datasets.filter((set) => !set.isBand);
  const generateLabels = () =>
    lines.map((set) => ({
      text: set.label,
      pointStyle: sample(set.look),
      fontColor: Chart.defaults.color,
      datasetIndex: datasets.indexOf(set),
    }));
  if (!beside) canvas.parentElement.style.setProperty("--rows", String(lines.length));
  return {
    position: beside ? "right" : "top",
    align: "start",
    maxWidth: 430,
    labels: { usePointStyle: true, pointStyleWidth: 36, generateLabels, font: { size: beside ? 13 : 11 }, padding: 8 },
    onClick: () => {},
  };
}

function describe({ dataset, raw }) {
  if (!raw.spread) {
    return interpolate(gettext("%(name)s: %(value)s"), { name: dataset.label, value: digits.format(raw.y) }, true);
  }
  const { mean, low, high } = raw.spread;
  const values = { name: dataset.label, value: digits.format(mean) };
  if (low === null) return interpolate(gettext("%(name)s: %(value)s"), values, true);
  values.interval = interpolate(
    gettext("%(from)s to %(to)s"),
    { from: digits.format(low), to: digits.format(high) },
    true,
  );
  return interpolate(gettext("%(name)s: %(value)s (%(interval)s)"), values, true);
}

function chart(canvas, datasets, unit, bounds, theme) {
  const options = calm(theme);
  options.interaction = { mode: "nearest", axis: "xy", intersect: false };
  options.plugins.legend = legend(canvas, datasets);
  options.plugins.tooltip.filter = (spot) => !spot.dataset.isBand;
  options.plugins.tooltip.callbacks = {
    title: ([spot]) => spot && interpolate(gettext("%(count)s training labels"), { count: number(spot.raw.x) }, true),
    label: describe,
  };
  const title = (text) => ({ display: true, text });
  options.scales = {
    x: {
      type: "linear",
      title: title(gettext("Training labels")),
      grid: { display: false },
      border: { color: theme.edge },
      ticks: { precision: 0, maxRotation: 0, callback: (value) => number(value) },
    },
    y: {
      ...bounds,
      title: title(unit),
      grid: { color: theme.line },
      border: { display: false },
      ticks: { maxTicksLimit: 8 },
    },
  };
  return draw(canvas, { type: "line", data: { datasets }, options });
}

function span(curves) {
  const labels = curves.flatMap((points) => points.map(([x]) => x));
  return [Math.min(...labels), Math.max(...labels)];
}

/** The learning curves, and level with them the score with all labels. @param {HTMLCanvasElement} canvas */
export function drawLearning(canvas, found, theme) {
  const rows = found.rows.filter(({ curve }) => curve.length);
  if (!rows.length) return null;
  const ends = span(rows.map(({ curve }) => curve));
  const levels = found.learners.map((learner, n) => {
    const name =
      found.learners.length > 1
        ? interpolate(gettext("All labels, %(learner)s"), { learner }, true)
        : gettext("All labels");
    return level(rows.find((row) => row.learner === n)?.full, ends, name, {
      color: theme.edge,
      dash: DASHES[n % DASHES.length],
    });
  });
  const datasets = [...rows.flatMap((row) => line(row.curve, nameOf(found, row), lookOf(row, theme))), ...levels];
  // to the lines: the bands of a few seeds may be so wide that nothing else were to be seen
  const heights = rows.flatMap(({ curve, full }) => [full, ...curve.map(([, { mean }]) => mean)]);
  const [least, most] = [Math.min(...heights), Math.max(...heights)];
  const room = Math.max(0.3 * (most - least), 0.02);
  const bounds = {
    min: Math.max(Math.floor((least - room) * 50) / 50, 0),
    max: Math.min(Math.ceil((most + room) * 50) / 50, 1),
  };
  return chart(canvas, datasets, found.metric, bounds, theme);
}

/** How many of the items with the label searched for were found. @param {HTMLCanvasElement} canvas */
export function drawRecall(canvas, found, theme) {
  const rows = found.rows.filter(({ recall }) => recall?.length);
  if (!rows.length) return null;
  const wanted = level(0.95, span(rows.map(({ recall }) => recall)), "95 %", { color: theme.edge, dash: [2, 3] });
  const datasets = [...rows.flatMap((row) => line(row.recall, nameOf(found, row), lookOf(row, theme))), wanted];
  return chart(canvas, datasets, gettext("Recall"), { min: 0, max: 1 }, theme);
}
