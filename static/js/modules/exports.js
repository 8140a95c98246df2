// Data out: the form with its live preview, and the progress of a file that is being made.

import { api } from "../api.js";
import { carry } from "../flash_message.js";

const POLL = 700; // milliseconds
const HEADING = "files";
const parts = { create, run };

/** @param {HTMLElement} element with data-part */
export default function start(element) {
  parts[element.dataset.part](element);
}

/** @param {HTMLFormElement} form */
function create(form) {
  const path = `projects/${form.dataset.project}/exports/`;
  const one = (name) => /** @type {HTMLElement} */ (form.querySelector(`[data-${name}]`));
  const control = (name) => /** @type {any} */ (form.elements.namedItem(name));
  let asked = 0;

  function chosen() {
    return {
      format: control("format").value,
      answers: control("answers").value,
      unlabelled: control("unlabelled").checked,
    };
  }

  /** Choose what the address says, as it does once a file was asked for. */
  function chooseAgain() {
    const before = new URLSearchParams(location.search);
    for (const name of ["format", "answers"]) {
      if ([...control(name).options].some(({ value }) => value === before.get(name))) {
        control(name).value = before.get(name);
      }
    }
    if (before.has("unlabelled")) control("unlabelled").checked = before.get("unlabelled") === "true";
  }

  async function preview() {
    const turn = ++asked;
    try {
      const found = await api("GET", `${path}preview/?${new URLSearchParams(Object.entries(chosen()))}`);
      if (turn === asked) show(found);
    } catch (problem) {
      one("error").textContent = problem.message;
    }
  }

  function show(found) {
    one("error").textContent = "";
    const asText = !["csv", "tsv"].includes(chosen().format);
    one("preview").hidden = asText;
    one("text").hidden = !asText;
    one("text").textContent = found.text;
    one("preview").replaceChildren(row("th", found.columns), ...found.rows.map((cells) => row("td", cells)));
    const total = found.rows_total;
    one("total").textContent = total
      ? interpolate(ngettext("%s row", "%s rows", total), [total.toLocaleString(document.documentElement.lang)])
      : gettext("No rows: nothing is labelled yet. Include items without an answer to get them all.");
  }

  form.addEventListener("change", preview);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { format, ...filters } = chosen();
    try {
      await api("POST", path, { format, filters });
      history.replaceState(null, "", `?${new URLSearchParams(Object.entries(chosen()))}`);
      carry(gettext("The file is being made. It is listed here, to be downloaded when it is done."), HEADING);
      location.reload();
    } catch (problem) {
      one("error").textContent = problem.message;
    }
  });
  chooseAgain();
  preview();
}

/** @param {"td"|"th"} tag @param {string[]} cells */
function row(tag, cells) {
  const line = document.createElement("tr");
  for (const text of cells) {
    const cell = document.createElement(tag);
    if (tag === "th") cell.scope = "col";
    cell.className = "al-preview__cell";
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

/** @param {HTMLElement} line of the table of files */
function run(line) {
  async function poll() {
    const path = `projects/${line.dataset.project}/exports/${line.dataset.run}/`;
    const state = await api("GET", path).catch(() => null);
    if (state && !["queued", "running"].includes(state.status)) {
      if (state.status === "done") carry(gettext("The file is ready to be downloaded."), HEADING);
      return location.reload();
    }
    if (state) {
      line.querySelector("progress").value = state.progress;
      line.querySelector("[data-rows]").textContent = state.rows_written.toLocaleString(document.documentElement.lang);
      document.querySelector("[data-no-worker]").hidden = state.worker_running;
    }
    return setTimeout(poll, state ? POLL : 5 * POLL);
  }
  poll();
}
