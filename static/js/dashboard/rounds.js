/** The log of rounds: one line each, with its steps behind a fold. */

import { fill, make, setShare } from "./dom.js";
import { duration, moment, number } from "./format.js";

const CHIPS = { done: "al-chip--success", failed: "al-chip--danger", running: "al-chip--accent" };
const TOTAL = "total"; // the sum of the steps, not one of them

/** @param {Record<string, HTMLElement>} part @param {object} progress */
export function showRounds(part, { rounds }) {
  part["no-rounds"].hidden = rounds.length > 0;
  part.rounds.parentElement.hidden = rounds.length === 0;
  fill(part.rounds.tBodies[0], rounds, (row) => row.number, roundRow);
}

function roundRow(row, before) {
  const chip = make("span", { class: `al-chip ${CHIPS[row.status] ?? ""}`, text: statusText(row.status) });
  return make(
    "tr",
    {},
    make("th", { scope: "row", class: "al-number", text: number(row.number) }),
    make("td", {}, chip),
    make("td", { text: causeText(row.cause) }),
    make("td", { class: "al-number", text: number(row.labels) }),
    make("td", { class: "al-clip", text: moment(row.started_at) }),
    make("td", { class: "al-number", text: duration(row.duration_seconds) }),
    make("td", {}, ...happened(row, before)),
  );
}

function statusText(status) {
  return { done: gettext("done"), failed: gettext("failed"), running: gettext("running") }[status] ?? status;
}

function causeText(cause) {
  const texts = { first: gettext("new items"), batch: gettext("a batch of answers"), manual: gettext("asked for, or labels or features changed") };
  return texts[cause] ?? cause;
}

function happened(row, before) {
  const parts = [];
  if (row.error) parts.push(make("p", { class: "al-rounds__error", text: row.error }));
  if (row.note) parts.push(make("p", { text: row.note }));
  const steps = Object.entries(row.timings).filter(([name]) => name !== TOTAL);
  if (!steps.length) return parts;
  const published = interpolate(ngettext("%(n)s item ranked", "%(n)s items ranked", row.published), { n: number(row.published) }, true);
  const fold = make("details", { class: "al-details" }, make("summary", { text: published }), stepList(steps), facts(row));
  fold.open = before?.querySelector("details")?.open ?? false;
  parts.push(fold);
  return parts;
}

function stepList(steps) {
  const longest = Math.max(...steps.map(([, seconds]) => seconds), 1e-9);
  const cells = steps.flatMap(([name, seconds]) => {
    const bar = make("span", { class: "al-steps__bar", "aria-hidden": "true" });
    setShare(bar, { share: seconds / longest });
    return [make("span", { text: stepText(name) }), bar, make("span", { class: "al-number", text: duration(seconds) })];
  });
  return make("div", { class: "al-steps" }, ...cells);
}

function stepText(name) {
  const texts = {
    read: gettext("read"),
    fit: gettext("fit"),
    control: gettext("fit of the random arm"),
    score: gettext("score the pool"),
    choose: gettext("choose"),
    publish: gettext("publish"),
  };
  return texts[name] ?? name;
}

function facts(row) {
  const values = { strategy: row.settings.strategy ?? "–", beta: betaText(row.metrics.beta), seed: row.seed };
  const text = interpolate(gettext("Strategy %(strategy)s, beta %(beta)s, seed %(seed)s"), values, true);
  return make("p", { class: "al-small al-muted", text });
}

function betaText(beta) {
  return typeof beta === "number" ? number(Number(beta.toPrecision(3))) : (beta ?? "–");
}
