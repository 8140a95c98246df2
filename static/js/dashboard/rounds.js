/** The log of rounds: one line each, with its steps behind a fold. */

import { fill, make, setProperties } from "./dom.js";
import { duration, number, time } from "./format.js";

/** @typedef {import("../types.js").Round} Round */

const TOTAL = "total"; // the sum of the steps, not one of them

/** @param {import("../types.js").DashboardParts} parts @param {import("../types.js").Progress} progress */
export function showRounds(parts, { rounds }) {
  parts["no-rounds"].hidden = rounds.length > 0;
  const box = parts.rounds.parentElement;
  if (box) box.hidden = rounds.length === 0;
  fill(parts.rounds.tBodies[0], rounds, (round) => round.number, makeRow);
}

/** @param {Round} round @param {HTMLElement|undefined} previous */
function makeRow(round, previous) {
  const [status, chipClass] = describeStatus(round.status);
  return make(
    "tr",
    {},
    make("th", { scope: "row", class: "al-number", text: number(round.number) }),
    make("td", {}, make("span", { class: `al-chip ${chipClass}`, text: status })),
    make("td", { text: describeCause(round.cause) }),
    make("td", { class: "al-number", text: number(round.labels) }),
    make("td", { class: "al-clip", text: time(round.started_at) }),
    make("td", { class: "al-number", text: duration(round.duration_seconds) }),
    make("td", {}, ...makeDetails(round, previous)),
  );
}

/** A word, and the class of its chip. @param {Round["status"]} status @returns {[string, string]} */
function describeStatus(status) {
  switch (status) {
    case "done":
      return [gettext("done"), "al-chip--success"];
    case "failed":
      return [gettext("failed"), "al-chip--danger"];
    case "running":
      return [gettext("running"), "al-chip--accent"];
    default:
      return [status, ""];
  }
}

/** @param {string} cause */
function describeCause(cause) {
  switch (cause) {
    case "first":
      return gettext("new items");
    case "batch":
      return gettext("a batch of answers");
    case "manual":
      return gettext("asked for, or labels or features changed");
    default:
      return cause;
  }
}

/** @param {Round} round @param {HTMLElement|undefined} previous the row as it was: its fold stays open */
function makeDetails(round, previous) {
  const elements = [];
  if (round.error) elements.push(make("p", { class: "al-rounds__error", text: round.error }));
  if (round.note) elements.push(make("p", { text: round.note }));
  if (round.columns) elements.push(make("p", { text: round.columns }));
  const steps = Object.entries(round.timings).filter(([name]) => name !== TOTAL);
  if (!steps.length) return elements;
  const text = ngettext("%(n)s item ranked", "%(n)s items ranked", round.published);
  const summary = make("summary", { text: interpolate(text, { n: number(round.published) }, true) });
  const fold = make("details", { class: "al-details" }, summary, makeSteps(steps), makeSettings(round));
  if (previous?.querySelector("details")?.open) fold.setAttribute("open", "");
  elements.push(fold);
  return elements;
}

/** @param {[string, number][]} steps names and seconds */
function makeSteps(steps) {
  const longest = Math.max(...steps.map(([, seconds]) => seconds), 1e-9);
  const cells = steps.flatMap(([name, seconds]) => {
    const bar = make("span", { class: "al-steps__bar", "aria-hidden": "true" });
    setProperties(bar, { share: seconds / longest });
    return [
      make("span", { text: describeStep(name) }),
      bar,
      make("span", { class: "al-number", text: duration(seconds) }),
    ];
  });
  return make("div", { class: "al-steps" }, ...cells);
}

/** @param {string} name */
function describeStep(name) {
  switch (name) {
    case "read":
      return gettext("read");
    case "fit":
      return gettext("fit");
    case "control":
      return gettext("fit of the random arm");
    case "score":
      return gettext("score the pool");
    case "choose":
      return gettext("choose");
    case "publish":
      return gettext("publish");
    default:
      return name;
  }
}

/** @param {Round} round */
function makeSettings({ settings, metrics, seed }) {
  const values = { strategy: settings.strategy ?? "–", beta: formatBeta(metrics.beta), seed };
  const text = interpolate(gettext("Strategy %(strategy)s, beta %(beta)s, seed %(seed)s"), values, true);
  return make("p", { class: "al-small al-muted", text });
}

/** @param {number|string|null|undefined} beta */
function formatBeta(beta) {
  return typeof beta === "number" ? number(Number(beta.toPrecision(3))) : (beta ?? "–");
}
