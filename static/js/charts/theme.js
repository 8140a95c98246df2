/** What all charts share: colours of the current theme, type, no motion. */

import { resolveColor } from "../colors.js";
import { Chart } from "./library.js";

/**
 * @typedef {import("./library.js").ChartConfig} ChartConfig
 * @typedef {import("./library.js").ChartOptions} ChartOptions
 * @typedef {import("./library.js").LegendEntry} LegendEntry
 * @typedef {{ink: string, muted: string, line: string, sheet: string, accent: string, edge: string, series: string[]}} Theme
 */

const SERIES_COLORS = 8;
const LEGEND_GAP_PIXELS = 8;

/** Read the tokens; call it before charts are made, and when the theme has changed. @returns {Theme} */
export function readTheme() {
  const theme = {
    ink: resolveColor("--ink"),
    muted: resolveColor("--muted"),
    line: resolveColor("--line"),
    sheet: resolveColor("--sheet"),
    accent: resolveColor("--accent"),
    edge: resolveColor("--edge"),
    series: Array.from({ length: SERIES_COLORS }, (_, index) => resolveColor(`--label-${index + 1}`)),
  };
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  Chart.defaults.color = theme.muted;
  Chart.defaults.borderColor = theme.line;
  return theme;
}

/** @param {string} color resolved @param {number} opacity from 0 to 1 */
export function withOpacity(color, opacity) {
  return Chart.helpers.color(color).alpha(opacity).rgbString();
}

/** The resolved colour of a label. @param {string} color a token, a plain colour, or empty @param {Theme} theme */
export function labelColor(color, theme) {
  if (color.startsWith("#")) return color;
  return color ? resolveColor(`--${color}`) : theme.accent;
}

/** Options of every chart. Nothing moves: the page updates every few seconds and must stay calm.
 * @param {Theme} theme @returns {ChartOptions} */
export function baseOptions(theme) {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    locale: document.documentElement.lang,
    plugins: {
      tooltip: {
        backgroundColor: theme.ink,
        titleColor: theme.sheet,
        bodyColor: theme.sheet,
        footerColor: theme.sheet,
        padding: 10,
        cornerRadius: 4,
        displayColors: false,
      },
    },
  };
}

/** A legend of lines, drawn like those of the chart, without the edges of bands. @param {Theme} theme */
export function lineLegend(theme) {
  return {
    align: "start",
    labels: {
      usePointStyle: true,
      pointStyle: "line",
      pointStyleWidth: 28,
      color: theme.ink,
      generateLabels: makeLegendEntries,
      /** @param {LegendEntry} entry @param {ChartConfig["data"]} data */
      filter: (entry, data) => !data.datasets[entry.datasetIndex].isBand,
    },
    onClick: () => {},
  };
}

/** @param {Chart} chart @returns {LegendEntry[]} */
function makeLegendEntries(chart) {
  /** @type {LegendEntry[]} */
  const entries = Chart.defaults.plugins.legend.labels.generateLabels(chart);
  return entries.map((entry) => {
    const { borderDash } = chart.data.datasets[entry.datasetIndex];
    return { ...entry, lineDash: borderDash ?? [], lineWidth: 2 };
  });
}

/** The two datasets of a confidence band; only the area between them is seen.
 * @param {object[]} low @param {object[]} high @param {string} color with its opacity
 * @returns {import("./library.js").Dataset[]} */
export function makeBand(low, high, color) {
  const edge = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, isBand: true };
  return [
    { ...edge, data: low, fill: false },
    { ...edge, data: high, fill: "-1", backgroundColor: color },
  ];
}

/** Room below the legend, so that the highest tick's text does not touch it. */
const legendGap = {
  id: "legendGap",
  /** @param {Chart} chart */
  beforeInit({ legend }) {
    const fit = legend.fit.bind(legend);
    legend.fit = () => {
      fit();
      if (legend.options.display) legend.height += LEGEND_GAP_PIXELS;
    };
  },
};

/** Draw a chart, or update the one that is there. @param {HTMLCanvasElement} canvas @param {ChartConfig} config */
export function drawChart(canvas, config) {
  const chart = Chart.getChart(canvas);
  if (!chart) return new Chart(canvas, { ...config, plugins: [legendGap] });
  chart.data = config.data;
  chart.options = config.options;
  chart.update("none");
  return chart;
}
