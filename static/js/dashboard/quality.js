/** The newest model label by label: figures with intervals, and what is taken for what. */

import { paint } from "../colors.js";
import { fill, make, setShare } from "./dom.js";
import { interval, number, percent } from "./format.js";

/** @param {Record<string, HTMLElement>} part @param {object} progress */
export function showQuality(part, progress) {
  part.quality.hidden = !progress.current?.per_class.length; // numbers have no labels
  if (part.quality.hidden) return;
  const colors = Object.fromEntries(progress.labels.overall.map((row) => [row.label, row.color]));
  const rows = progress.current.per_class.map((row) => ({ ...row, color: colors[row.label] ?? "" }));
  const ranked = Boolean(part["average-precision"]); // the column is there for boxes only
  fill(
    part.classes.tBodies[0],
    rows,
    (row) => row.label,
    (row) => classRow(row, ranked),
  );
  showConfusion(part.confusion, progress.current.confusion);
}

function classRow(row, ranked) {
  const swatch = make("span", { class: "al-swatch", "aria-hidden": "true" });
  if (row.color) paint(swatch, row.color);
  const name = make("span", { class: "al-named" }, swatch, make("span", { text: row.label }));
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, name),
    estimateCell(row.precision),
    estimateCell(row.recall),
    estimateCell(row.f1_estimate),
    ...(ranked ? [estimateCell(row.average_precision)] : []),
    make("td", { class: "al-number", text: number(row.support) }),
  );
}

/** A cell with a figure, its interval as text and as a bar; a dash without one. */
export function estimateCell(figure) {
  if (!figure) return make("td", { class: "al-number", text: "–" });
  const range = make("span", { class: "al-range", "aria-hidden": "true" });
  setShare(range, { low: figure.low, high: figure.high, value: figure.value });
  const small = make("small", { text: interval(figure, 0) });
  return make("td", { class: "al-number" }, make("div", { text: percent(figure.value) }), small, range);
}

function showConfusion(table, confusion) {
  table.closest("section").hidden = !confusion;
  if (!confusion) return;
  const state = JSON.stringify(confusion);
  if (table.dataset.state === state) return;
  table.dataset.state = state;
  const { labels, counts } = confusion;
  const heads = labels.map((label) => make("th", { scope: "col", text: label }));
  const corner = make("td", { "data-corner": "" });
  const lines = counts.map((row, n) =>
    make("tr", {}, make("th", { scope: "row", text: labels[n] }), ...heatCells(row, n, labels)),
  );
  const caption = make("caption", {
    class: "al-hidden-visually",
    text: gettext("Rows: what people said. Columns: what the model said."),
  });
  table.replaceChildren(caption, make("thead", {}, make("tr", {}, corner, ...heads)), make("tbody", {}, ...lines));
}

function heatCells(row, n, labels) {
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((count, k) => {
    const title = interpolate(gettext("People: %(true)s, model: %(said)s"), { true: labels[n], said: labels[k] }, true);
    const cell = make("td", {
      text: number(count),
      title,
      "data-right": n === k ? "" : null,
      "data-zero": count ? null : "",
    });
    setShare(cell, { share: sum ? count / sum : 0 });
    return cell;
  });
}
