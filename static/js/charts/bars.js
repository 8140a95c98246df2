/** Bars: labels given (lying, one a label) and labels per hour (standing, one a clock hour, stacked by person). */

import { hour, number } from "../dashboard/format.js";
import { calm, draw, labelColor } from "./theme.js";

const MOST_LABELS = 30;
const MOST_PEOPLE = 7; // with a colour of their own; the others are one bar

/** Those of the labels that have a bar; with very many, the most frequent. @param {{label: string, count: number}[]} counts */
export function shownCounts(counts) {
  return counts.length <= MOST_LABELS ? counts : [...counts].sort((a, b) => b.count - a.count).slice(0, MOST_LABELS);
}

/** @param {HTMLCanvasElement} canvas @param {{label: string, count: number, color: string}[]} counts */
export function drawCounts(canvas, counts, theme) {
  const options = calm(theme);
  options.indexAxis = "y";
  options.plugins.legend = { display: false };
  options.plugins.tooltip.callbacks = { label: (bar) => number(bar.raw) };
  options.scales = {
    x: { beginAtZero: true, grid: { color: theme.line }, border: { display: false }, ticks: { precision: 0, callback: (value) => number(value), maxTicksLimit: 6 } },
    y: { grid: { display: false }, border: { color: theme.edge }, ticks: { color: theme.ink, autoSkip: false } },
  };
  const dataset = {
    data: counts.map((row) => row.count),
    backgroundColor: counts.map((row) => labelColor(row.color, theme)),
    borderRadius: 2,
    maxBarThickness: 22,
  };
  return draw(canvas, { type: "bar", data: { labels: counts.map((row) => row.label), datasets: [dataset] }, options });
}

/** @param {HTMLCanvasElement} canvas @param {{hours: string[], by_person: object[]}} throughput */
export function drawHours(canvas, throughput, theme) {
  const people = grouped(throughput);
  const options = calm(theme);
  options.interaction = { mode: "index", intersect: false };
  options.plugins.legend = {
    display: people.length > 1,
    align: "start",
    labels: { usePointStyle: true, pointStyle: "rect", color: theme.ink, boxHeight: 8 },
    onClick: () => {},
  };
  options.plugins.tooltip.filter = (bar) => bar.raw > 0;
  options.plugins.tooltip.callbacks = { label: (bar) => `${bar.dataset.label}: ${number(bar.raw)}` };
  options.scales = {
    x: { stacked: true, grid: { display: false }, border: { color: theme.edge }, ticks: { maxRotation: 0, autoSkipPadding: 12 } },
    y: { stacked: true, beginAtZero: true, grid: { color: theme.line }, border: { display: false }, ticks: { precision: 0, maxTicksLimit: 5, callback: (value) => number(value) } },
  };
  const datasets = people.map((person, n) => ({
    label: person.user,
    data: person.counts,
    backgroundColor: theme.series[n % theme.series.length],
    borderColor: theme.sheet,
    borderWidth: { top: 1 },
  }));
  return draw(canvas, { type: "bar", data: { labels: throughput.hours.map(hour), datasets }, options });
}

/** The busiest people, and the rest as one. */
function grouped({ by_person: people }) {
  if (people.length <= MOST_PEOPLE + 1) return people;
  const sum = (person) => person.counts.reduce((a, b) => a + b, 0);
  const busiest = [...people].sort((a, b) => sum(b) - sum(a));
  const rest = busiest.slice(MOST_PEOPLE);
  const counts = rest[0].counts.map((_, n) => rest.reduce((total, person) => total + person.counts[n], 0));
  const name = interpolate(gettext("%(count)s others"), { count: number(rest.length) }, true);
  return [...busiest.slice(0, MOST_PEOPLE), { user: name, counts }];
}
