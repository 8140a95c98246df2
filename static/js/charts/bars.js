/** Bars: labels given (lying, one a label) and labels per hour (standing, one a clock hour, stacked by person). */

import { hour, number } from "../dashboard/format.js";
import { baseOptions, drawChart, labelColor } from "./theme.js";

/**
 * @typedef {import("../types.js").LabelCount} LabelCount
 * @typedef {import("../types.js").Throughput} Throughput
 * @typedef {import("./library.js").TooltipItem} TooltipItem
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {{user: string, counts: number[]}} PersonCounts
 */

const MAX_LABELS = 30;
const MAX_PEOPLE = 7; // with a colour of their own; the others are one bar

/** Those of the labels that have a bar: with very many, the most frequent. @param {LabelCount[]} counts */
export function selectCounts(counts) {
  return counts.length <= MAX_LABELS ? counts : counts.toSorted((a, b) => b.count - a.count).slice(0, MAX_LABELS);
}

/** @param {HTMLCanvasElement} canvas @param {LabelCount[]} counts @param {Theme} theme */
export function drawCounts(canvas, counts, theme) {
  const options = baseOptions(theme);
  options.indexAxis = "y";
  options.plugins.legend = { display: false };
  options.plugins.tooltip.callbacks = { label: (/** @type {TooltipItem} */ { raw }) => number(raw) };
  options.scales = {
    x: {
      beginAtZero: true,
      grid: { color: theme.line },
      border: { display: false },
      ticks: { precision: 0, callback: number, maxTicksLimit: 6 },
    },
    y: { grid: { display: false }, border: { color: theme.edge }, ticks: { color: theme.ink, autoSkip: false } },
  };
  const dataset = {
    data: counts.map(({ count }) => count),
    backgroundColor: counts.map(({ color }) => labelColor(color, theme)),
    borderRadius: 2,
    maxBarThickness: 22,
  };
  return drawChart(canvas, {
    type: "bar",
    data: { labels: counts.map(({ label }) => label), datasets: [dataset] },
    options,
  });
}

/** @param {HTMLCanvasElement} canvas @param {Throughput} throughput @param {Theme} theme */
export function drawHours(canvas, throughput, theme) {
  const people = groupPeople(throughput.by_person);
  const options = baseOptions(theme);
  options.interaction = { mode: "index", intersect: false };
  options.plugins.legend = {
    display: people.length > 1,
    align: "start",
    labels: { usePointStyle: true, pointStyle: "rect", color: theme.ink, boxHeight: 8 },
    onClick: () => {},
  };
  options.plugins.tooltip.filter = (/** @type {TooltipItem} */ { raw }) => raw > 0;
  options.plugins.tooltip.callbacks = {
    label: (/** @type {TooltipItem} */ { dataset, raw }) => `${dataset.label}: ${number(raw)}`,
  };
  options.scales = {
    x: {
      stacked: true,
      grid: { display: false },
      border: { color: theme.edge },
      ticks: { maxRotation: 0, autoSkipPadding: 12 },
    },
    y: {
      stacked: true,
      beginAtZero: true,
      grid: { color: theme.line },
      border: { display: false },
      ticks: { precision: 0, maxTicksLimit: 5, callback: number },
    },
  };
  const datasets = people.map(({ user, counts }, index) => ({
    label: user,
    data: counts,
    backgroundColor: theme.series[index % theme.series.length],
    borderColor: theme.sheet,
    borderWidth: { top: 1 },
  }));
  return drawChart(canvas, { type: "bar", data: { labels: throughput.hours.map(hour), datasets }, options });
}

/** The busiest people, and the rest as one. @param {PersonCounts[]} people @returns {PersonCounts[]} */
export function groupPeople(people) {
  if (people.length <= MAX_PEOPLE + 1) return people;
  /** @param {PersonCounts} person */
  const totalOf = ({ counts }) => counts.reduce((sum, count) => sum + count, 0);
  const sorted = people.toSorted((a, b) => totalOf(b) - totalOf(a));
  const rest = sorted.slice(MAX_PEOPLE);
  const counts = rest[0].counts.map((_, index) => rest.reduce((sum, person) => sum + person.counts[index], 0));
  const user = interpolate(gettext("%(count)s others"), { count: number(rest.length) }, true);
  return [...sorted.slice(0, MAX_PEOPLE), { user, counts }];
}
