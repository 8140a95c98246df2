/** Is it enough: one sentence, a line for each stopping condition, and whether items are handed out. */

import { fill, make, setShare, setText } from "./dom.js";
import { moment } from "./format.js";

/** @param {Record<string, HTMLElement>} part @param {object} progress */
export function showStopping(part, { stop }) {
  setText(part.stop, stop.reason);
  const rows = stop.conditions.filter(isMeant);
  part["conditions-box"].hidden = !rows.length;
  fill(part.conditions, rows, (row) => row.name, conditionLine);
  showPause(part, stop);
}

/** Whether a condition concerns this project: a limit that is set, a search for something, any sign. */
function isMeant({ applies, category, threshold, count, stop }) {
  if (!applies) return false;
  if (category === "budget") return threshold !== null;
  return category === "convergence" || count > 0 || stop !== null;
}

function conditionLine(row) {
  const state = row.stop === null ? "open" : row.stop ? "stop" : "on";
  const head = make(
    "div",
    { class: "al-row al-row--between" },
    make("strong", { text: row.title }),
    make("span", { class: "al-chip al-condition__state", text: stateText(state, row) }),
  );
  const line = make("li", { class: "al-condition", "data-says": state }, head, make("p", { class: "al-small", text: row.reason }));
  if (row.progress !== null) {
    const bar = make("span", { class: "al-condition__bar", "aria-hidden": "true" });
    setShare(bar, { share: row.progress });
    line.append(bar);
  }
  return line;
}

function stateText(state, { category, details }) {
  if (state === "open") return "agreement" in details ? gettext("you judge") : gettext("cannot tell yet");
  if (category === "budget") return state === "stop" ? gettext("reached") : gettext("not reached");
  return state === "stop" ? gettext("stop") : gettext("go on");
}

function showPause(part, stop) {
  const paused = Boolean(stop.paused_at);
  part.paused.hidden = !paused;
  if (paused) {
    const values = { time: moment(stop.paused_at), reason: stop.paused_reason };
    setText(part["paused-text"], interpolate(gettext("Nothing new has been handed out since %(time)s. %(reason)s"), values, true));
  }
  if (part.pause) setText(part.pause, paused ? gettext("Resume handing out") : gettext("Stop handing out"));
}
