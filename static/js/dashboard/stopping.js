/** When to stop: one sentence, a line for each stopping condition, and whether items are assigned. */

import { fill, make, setProperties, setText } from "./dom.js";
import { time } from "./format.js";

/**
 * @typedef {import("../types.js").DashboardParts} DashboardParts
 * @typedef {import("../types.js").Progress} Progress
 * @typedef {import("../types.js").StoppingCondition} StoppingCondition
 */

/** @param {DashboardParts} parts @param {Progress} progress */
export function showStopping(parts, { stop }) {
  setText(parts.stop, stop.reason);
  const conditions = stop.conditions.filter(isRelevant);
  parts["conditions-box"].hidden = !conditions.length;
  fill(parts.conditions, conditions, ({ name }) => name, makeLine);
  showPause(parts, stop);
}

/** Whether a condition concerns this project: a limit that is set, a search for something, any sign of convergence.
 * @param {StoppingCondition} condition */
export function isRelevant({ applies, category, threshold, count, stop }) {
  if (!applies) return false;
  if (category === "budget") return threshold !== null;
  return category === "convergence" || count > 0 || stop !== null;
}

/** @param {StoppingCondition} condition */
function makeLine(condition) {
  const advice = adviceOf(condition);
  const chip = make("span", { class: "al-chip al-condition__state", text: describeAdvice(advice, condition) });
  const head = make("div", { class: "al-row al-row--between" }, make("strong", { text: condition.title }), chip);
  const reason = make("p", { class: "al-small", text: condition.reason });
  const line = make("li", { class: "al-condition", "data-advice": advice }, head, reason);
  if (condition.progress !== null) {
    const bar = make("span", { class: "al-condition__bar", "aria-hidden": "true" });
    setProperties(bar, { share: condition.progress });
    line.append(bar);
  }
  return line;
}

/** @param {StoppingCondition} condition @returns {"unknown"|"stop"|"continue"} */
function adviceOf({ stop }) {
  if (stop === null) return "unknown";
  return stop ? "stop" : "continue";
}

/** @param {"unknown"|"stop"|"continue"} advice @param {StoppingCondition} condition */
function describeAdvice(advice, { category, details }) {
  if (advice === "unknown") return "agreement" in details ? gettext("you judge") : gettext("cannot tell yet");
  if (category === "budget") return advice === "stop" ? gettext("reached") : gettext("not reached");
  return advice === "stop" ? gettext("stop") : gettext("go on");
}

/** @param {DashboardParts} parts @param {Progress["stop"]} stop */
function showPause(parts, { paused_at: pausedAt, paused_reason: reason }) {
  parts.paused.hidden = !pausedAt;
  if (pausedAt) {
    const text = gettext("Nothing new has been handed out since %(time)s. %(reason)s");
    setText(parts["paused-text"], interpolate(text, { time: time(pausedAt), reason }, true));
  }
  if (parts.pause) setText(parts.pause, pausedAt ? gettext("Resume handing out") : gettext("Stop handing out"));
}
