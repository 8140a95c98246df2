/** What has been found by what has been read, beside what reading in random order would have found. */

import { number } from "../dashboard/format.js";
import { baseOptions, drawChart, lineLegend } from "./theme.js";

/**
 * @typedef {import("../types.js").Finding} Finding
 * @typedef {import("./library.js").TooltipItem} TooltipItem
 */

const MIN_SHOWN_RECORDS = 200;

/** @param {HTMLCanvasElement} canvas @param {Finding} finding @param {import("./theme.js").Theme} theme */
export function drawFinds(canvas, { curve, read, records, found, expected_relevant_unread: missing }, theme) {
  const options = baseOptions(theme);
  options.interaction = { mode: "nearest", axis: "x", intersect: false };
  options.plugins.legend = lineLegend(theme);
  options.plugins.tooltip.callbacks = {
    title: (/** @type {TooltipItem[]} */ [item]) =>
      item && interpolate(gettext("%(read)s read"), { read: number(item.raw.x) }, true),
    label: (/** @type {TooltipItem} */ { dataset, raw }) => `${dataset.label}: ${number(Math.round(raw.y))}`,
  };
  const end = Math.min(records, Math.max(200 * Math.ceil(read / 100), MIN_SHOWN_RECORDS));
  options.scales = {
    x: {
      type: "linear",
      min: 0,
      max: end,
      border: { color: theme.edge },
      grid: { display: false },
      ticks: { maxTicksLimit: 6, callback: (/** @type {number} */ value) => number(value) },
      title: { display: true, text: gettext("Items read") },
    },
    y: {
      type: "linear",
      min: 0,
      suggestedMax: Math.max(1, Math.ceil(found + (missing ?? 0))),
      border: { display: false },
      grid: { color: theme.line },
      ticks: { precision: 0, maxTicksLimit: 6 },
      title: { display: true, text: gettext("Found") },
    },
  };
  /** @type {import("./library.js").Dataset[]} */
  const datasets = [
    {
      label: gettext("Found"),
      data: curve.map((point) => ({ x: point.read, y: point.found })),
      borderColor: theme.accent,
      backgroundColor: theme.accent,
      borderWidth: 2,
      pointRadius: 0,
      pointHoverRadius: 5,
      clip: 6,
    },
  ];
  if (missing !== null) datasets.push(randomOrder(end, ((found + missing) * end) / records, theme));
  return drawChart(canvas, { type: "line", data: { datasets }, options });
}

/** @param {number} end of the axis @param {number} finds at it @param {import("./theme.js").Theme} theme
 * @returns {import("./library.js").Dataset} */
function randomOrder(end, finds, theme) {
  return {
    label: gettext("In random order"),
    data: [
      { x: 0, y: 0 },
      { x: end, y: finds },
    ],
    borderColor: theme.edge,
    backgroundColor: theme.edge,
    borderWidth: 1.5,
    borderDash: [6, 4],
    pointRadius: 0,
    pointHitRadius: 0,
  };
}
