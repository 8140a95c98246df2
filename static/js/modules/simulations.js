// Simulations: the form that starts one, the progress of one that runs, and the charts of one that is done.

import { api } from "../api.js";
import { onThemeChange } from "../colors.js";

const POLL = 700; // milliseconds
const parts = { create, run, charts };

/** @param {HTMLElement} element with data-part */
export default function start(element) {
  parts[element.dataset.part](element);
}

/** @param {HTMLFormElement} form */
function create(form) {
  const error = form.querySelector("[data-error]");
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const number = (name) => Number(given.get(name));
    button.disabled = true;
    error.textContent = "";
    try {
      const { id } = await api("POST", `projects/${form.dataset.project}/simulations/`, {
        strategies: given.getAll("strategies"),
        estimators: given.getAll("learners"),
        budget: number("budget"),
        batch: number("batch"),
        seeds: number("seeds"),
        metric: given.get("metric"),
        target: given.get("target"),
      });
      location.assign(`${location.pathname}${id}/`);
    } catch (problem) {
      error.textContent = problem.message;
      button.disabled = false;
      button.focus(); // it lost it when it was disabled
    }
  });
}

/** @param {HTMLElement} card of a simulation that is not done */
function run(card) {
  const words = card.querySelector("[role=status]");
  const states = { queued: gettext("Waiting for a worker"), running: gettext("Running") };

  async function poll() {
    const path = `projects/${card.dataset.project}/simulations/${card.dataset.run}/`;
    const state = await api("GET", path).catch(() => null);
    if (state && !["queued", "running"].includes(state.status)) return location.reload();
    if (state) {
      if (words.textContent !== states[state.status]) words.textContent = states[state.status];
      card.querySelector("progress").value = state.progress;
      document.querySelector("[data-no-worker]").hidden = state.worker_running;
    }
    return setTimeout(poll, state ? POLL : 5 * POLL);
  }
  poll();
}

/** @param {HTMLElement} element around the canvases */
async function charts(element) {
  const { drawLearning, drawRecall } = await import("../charts/comparison.js");
  const { readTheme } = await import("../charts/theme.js");
  const found = JSON.parse(document.getElementById("comparison").textContent);
  const draw = { learning: drawLearning, recall: drawRecall };
  function show() {
    const theme = readTheme();
    for (const canvas of element.querySelectorAll("canvas")) draw[canvas.dataset.chart](canvas, found, theme);
  }
  show();
  onThemeChange(show);
}
