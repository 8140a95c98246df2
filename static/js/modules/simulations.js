/** Simulations: the form that starts one, the progress of one that runs, and the charts of one that is done. */

import { api, messageOf } from "../api.js";
import { onThemeChange } from "../colors.js";
import { find, findAll, readJson } from "../dom.js";
import { describeState, isUnfinished, pollJob } from "../polling.js";

/** @param {HTMLElement} element with data-part */
export default function start(element) {
  if (element instanceof HTMLFormElement) startForm(element);
  else if (element.dataset.part === "run") followSimulation(element);
  else showCharts(element);
}

/** @param {HTMLFormElement} form */
function startForm(form) {
  const error = find(form, "[data-error]");
  const button = find(form, "[type=submit]", HTMLButtonElement);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    try {
      const { id } = await api("POST", `projects/${form.dataset.project}/simulations/`, readSimulation(form));
      location.assign(`${location.pathname}${id}/`);
    } catch (problem) {
      error.textContent = messageOf(problem);
      button.disabled = false;
      button.focus(); // it lost it when it was disabled
    }
  });
}

/** What the API takes. @param {HTMLFormElement} form */
function readSimulation(form) {
  const data = new FormData(form);
  return {
    strategies: data.getAll("strategies"),
    estimators: data.getAll("learners"),
    budget: Number(data.get("budget")),
    batch: Number(data.get("batch")),
    seeds: Number(data.get("seeds")),
    metric: data.get("metric"),
    target: data.get("target"),
  };
}

/** @param {HTMLElement} card of a simulation that is not done */
function followSimulation(card) {
  const path = `projects/${card.dataset.project}/simulations/${card.dataset.run}/`;
  const status = find(card, "[role=status]");
  const bar = find(card, "progress", HTMLProgressElement);
  const workerWarning = find(document, "[data-no-worker]");
  pollJob(
    () => api("GET", path),
    (state) => {
      if (!isUnfinished(state.status)) {
        location.reload();
        return;
      }
      const text = describeState(state);
      if (status.textContent !== text) status.textContent = text;
      bar.value = state.progress;
      workerWarning.hidden = state.worker_running;
    },
  );
}

/** @param {HTMLElement} element around the canvases */
async function showCharts(element) {
  const { drawLearning, drawRecall } = await import("../charts/comparison.js");
  const { readTheme } = await import("../charts/theme.js");
  /** @type {import("../types.js").Comparison} */
  const comparison = readJson("comparison");
  function show() {
    const theme = readTheme();
    for (const canvas of findAll(element, "canvas", HTMLCanvasElement)) {
      if (canvas.dataset.chart === "recall") drawRecall(canvas, comparison, theme);
      else drawLearning(canvas, comparison, theme);
    }
  }
  show();
  onThemeChange(show);
}
