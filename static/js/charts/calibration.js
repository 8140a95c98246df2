/** The calibration curve: accuracy over confidence, with its 95 % band, beside the diagonal. */

import { interval, number, percent } from "../dashboard/format.js";
import { baseOptions, drawChart, makeBand, withOpacity } from "./theme.js";

/**
 * @typedef {import("../types.js").CalibrationBin} CalibrationBin
 * @typedef {import("./library.js").TooltipItem} TooltipItem
 */

/** @param {HTMLCanvasElement} canvas @param {CalibrationBin[]} bins @param {import("./theme.js").Theme} theme */
export function drawCalibration(canvas, bins, theme) {
  /** @param {"value"|"low"|"high"} bound */
  const pointsOf = (bound) => bins.map(({ confidence, accuracy }) => ({ x: confidence, y: accuracy[bound], accuracy }));
  const start = Math.floor(Math.min(...bins.map(({ confidence }) => confidence)) * 10) / 10;
  const options = baseOptions(theme);
  options.interaction = { mode: "nearest", axis: "x", intersect: false };
  options.plugins.legend = { display: false };
  options.plugins.tooltip.filter = (/** @type {TooltipItem} */ { dataset }) => !dataset.isBand;
  options.plugins.tooltip.callbacks = {
    title: (/** @type {TooltipItem[]} */ [item]) =>
      item && interpolate(gettext("%(sure)s sure"), { sure: percent(item.raw.x) }, true),
    label: (/** @type {TooltipItem} */ { raw }) => {
      const values = { value: percent(raw.y), interval: interval(raw.accuracy), n: number(raw.accuracy.count) };
      return interpolate(gettext("%(value)s right (%(interval)s, n = %(n)s)"), values, true);
    },
  };
  const axis = {
    type: "linear",
    border: { color: theme.edge },
    ticks: { callback: (/** @type {number} */ value) => percent(value, 0), maxTicksLimit: 6 },
  };
  options.scales = {
    x: {
      ...axis,
      min: start,
      max: 1,
      grid: { display: false },
      title: { display: true, text: gettext("How sure the model was") },
    },
    y: {
      ...axis,
      min: 0,
      max: 1,
      grid: { color: theme.line },
      title: { display: true, text: gettext("How often it was right") },
    },
  };
  const diagonal = {
    data: [
      { x: start, y: start },
      { x: 1, y: 1 },
    ],
    pointRadius: 0,
    pointHitRadius: 0,
    isBand: true,
    borderWidth: 1.5,
    borderDash: [4, 4],
    borderColor: theme.edge,
  };
  const curve = {
    data: pointsOf("value"),
    borderColor: theme.accent,
    backgroundColor: theme.accent,
    borderWidth: 2,
    pointRadius: 3,
    pointHoverRadius: 5,
    clip: 6, // a dot at 100 % stays round
  };
  const band = makeBand(pointsOf("low"), pointsOf("high"), withOpacity(theme.accent, 0.16));
  return drawChart(canvas, { type: "line", data: { datasets: [...band, diagonal, curve] }, options });
}
