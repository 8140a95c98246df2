/** The calibration curve: how often the model is right over how sure it was, with its 95 % band, beside the diagonal. */

import { interval, number, percent } from "../dashboard/format.js";
import { calm, draw, faint } from "./theme.js";

/** @param {HTMLCanvasElement} canvas @param {{confidence: number, accuracy: object}[]} bins @param {object} theme */
export function drawCalibration(canvas, bins, theme) {
  const spots = (name) => bins.map(({ confidence, accuracy }) => ({ x: confidence, y: accuracy[name], accuracy }));
  const band = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, isBand: true };
  const from = Math.floor(Math.min(...bins.map(({ confidence }) => confidence)) * 10) / 10;
  const options = calm(theme);
  options.interaction = { mode: "nearest", axis: "x", intersect: false };
  options.plugins.legend = { display: false };
  options.plugins.tooltip.filter = (spot) => !spot.dataset.isBand;
  options.plugins.tooltip.callbacks = {
    title: ([spot]) => spot && interpolate(gettext("%(sure)s sure"), { sure: percent(spot.raw.x) }, true),
    label: ({ raw }) => {
      const values = { value: percent(raw.y), interval: interval(raw.accuracy), n: number(raw.accuracy.count) };
      return interpolate(gettext("%(value)s right (%(interval)s, n = %(n)s)"), values, true);
    },
  };
  const axis = { type: "linear", border: { color: theme.edge }, ticks: { callback: (value) => percent(value, 0), maxTicksLimit: 6 } };
  options.scales = {
    x: { ...axis, min: from, max: 1, grid: { display: false }, title: { display: true, text: gettext("How sure the model was") } },
    y: { ...axis, min: 0, max: 1, grid: { color: theme.line }, title: { display: true, text: gettext("How often it was right") } },
  };
  const datasets = [
    { ...band, data: spots("low"), fill: false },
    { ...band, data: spots("high"), fill: "-1", backgroundColor: faint(theme.accent, 0.16) },
    { ...band, data: [{ x: from, y: from }, { x: 1, y: 1 }], borderWidth: 1.5, borderDash: [4, 4], borderColor: theme.edge },
    {
      data: spots("value"),
      borderColor: theme.accent,
      backgroundColor: theme.accent,
      borderWidth: 2,
      pointRadius: 3,
      pointHoverRadius: 5,
      clip: 6, // a dot at 100 % stays round
    },
  ];
  return draw(canvas, { type: "line", data: { datasets }, options });
}
