/** What all charts share: colours of the moment's theme, type, no motion. */

import { color } from "../colors.js";
import { Chart } from "./library.js";

const SERIES = 8;

/** Read the tokens anew; call it before charts are made or updated. */
export function readTheme() {
  const names = ["ink", "muted", "line", "sheet", "accent", "edge"];
  const theme = Object.fromEntries(names.map((name) => [name, color(`--${name}`)]));
  theme.series = Array.from({ length: SERIES }, (_, n) => color(`--label-${n + 1}`));
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  Chart.defaults.color = theme.muted;
  Chart.defaults.borderColor = theme.line;
  return theme;
}

/** @param {string} plain a resolved colour @param {number} alpha from 0 to 1 */
export function faint(plain, alpha) {
  return Chart.helpers.color(plain).alpha(alpha).rgbString();
}

/** The resolved colour of a label: a token's name, a plain colour, or none. @param {string} given */
export function labelColor(given, theme) {
  if (given?.startsWith("#")) return given;
  return given ? color(`--${given}`) : theme.accent;
}

/** Options of every chart. Nothing moves: the page updates every few seconds and must stay calm. */
export function calm(theme) {
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

/** The legend's lines are drawn like those of the chart, dashes too. */
export function legendLines(chart) {
  const entries = Chart.defaults.plugins.legend.labels.generateLabels(chart);
  return entries.map((entry) => ({
    ...entry,
    lineDash: chart.data.datasets[entry.datasetIndex].borderDash ?? [],
    lineWidth: 2,
  }));
}

/** Room below the legend, so that the highest tick's text does not touch it. */
const legendRoom = {
  id: "legendRoom",
  beforeInit(chart) {
    const { legend } = chart;
    const fit = legend.fit.bind(legend);
    legend.fit = () => {
      fit();
      if (legend.options.display) legend.height += 8;
    };
  },
};

/** Draw on the canvas, or draw anew on what is there. @param {HTMLCanvasElement} canvas */
export function draw(canvas, config) {
  const chart = Chart.getChart(canvas);
  if (!chart) return new Chart(canvas, { ...config, plugins: [legendRoom] });
  chart.data = config.data;
  chart.options = config.options;
  chart.update("none");
  return chart;
}
