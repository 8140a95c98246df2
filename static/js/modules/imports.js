// Data in: the upload form, the form that confirms the columns of a draft, and the progress of a run.

import { api } from "../api.js";

const POLL = 700; // milliseconds
const parts = { upload, mapping, run };

/** @param {HTMLElement} element with data-part */
export default function start(element) {
  parts[element.dataset.part](element);
}

/** @param {HTMLFormElement} form */
function upload(form) {
  const drop = form.querySelector(".al-drop");
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("file"));
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => over(event, true));
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, (event) => over(event, false));
  drop.addEventListener("drop", (event) => { if (event.dataTransfer.files.length) input.files = event.dataTransfer.files; });

  function over(event, inside) {
    event.preventDefault();
    drop.toggleAttribute("data-over", inside);
  }

  submit(form, async () => {
    const file = input.files[0];
    if (file.size > Number(form.dataset.max)) throw new Error(gettext("The file is too large. Upload it in parts, or gzipped."));
    const body = new FormData();
    body.append("file", file);
    body.append("preview", "true");
    if (form.elements.namedItem("headerless")?.checked) body.append("header", "false");
    const progress = form.querySelector("[data-progress]");
    progress.hidden = false;
    try {
      const made = await api("POST", `projects/${form.dataset.project}/imports/`, body);
      location.assign(`${form.dataset.show}${made.id}/`);
    } finally {
      progress.hidden = true;
    }
  });
}

/** @param {HTMLFormElement} form */
function mapping(form) {
  const path = `projects/${form.dataset.project}/imports/${form.dataset.run}/`;
  const selects = [...form.querySelectorAll("[data-column]")];
  const takesColumns = "takesColumns" in form.dataset;
  for (const select of selects) select.addEventListener("change", () => onlyOne(select));
  for (const name of ["format", "encoding", "delimiter", "header"]) {
    form.elements.namedItem(name)?.addEventListener("change", (event) => attempt(form, () => readAgain(event.target)));
  }
  form.querySelector("[data-discard]").addEventListener("click", () => attempt(form, async () => {
    await api("DELETE", path);
    location.assign(form.dataset.back);
  }));
  submit(form, async () => {
    await api("POST", `${path}start/`, { mapping: chosen() });
    location.reload();
  });

  /** One column is the text, one the label, one the id: the last choice wins. */
  function onlyOne(changed) {
    if (["meta", "hidden", "fields"].includes(changed.value)) return;
    for (const select of selects) if (select !== changed && select.value === changed.value) select.value = takesColumns ? "fields" : "meta";
  }

  /** What was chosen by hand holds; the rest is found out anew. */
  async function readAgain(control) {
    const value = (name) => form.elements.namedItem(name)?.value;
    const hints = { format: value("format"), encoding: value("encoding") };
    if (control.name === "format") delete hints.encoding;
    else if (["csv", "tsv"].includes(hints.format)) Object.assign(hints, { delimiter: value("delimiter"), header: value("header") === "true" });
    if (control.name === "delimiter") hints.format = "auto";
    // An encoding that was detected and cannot be chosen by hand is detected again.
    if (control.name !== "encoding") delete hints.encoding;
    await api("PATCH", path, hints);
    location.reload();
  }

  function chosen() {
    const column = (role) => selects.find((select) => select.value === role)?.dataset.column ?? null;
    const result = { id: column("id"), label: column("label"), create_labels: form.elements.namedItem("create_labels")?.checked ?? false };
    const columns = (role) => selects.filter((select) => select.value === role).map((select) => select.dataset.column);
    for (const role of form.dataset.content.split(" ").filter(Boolean)) result[role] = column(role);
    if (takesColumns) result.fields = columns("fields");
    result.export_only = columns("hidden");
    return result;
  }
}

/** @param {HTMLElement} section */
function run(section) {
  const one = (name) => /** @type {HTMLElement} */ (section.querySelector(`[data-${name}]`));
  const states = { queued: gettext("Waiting for a worker"), running: gettext("Running"), done: gettext("Done"), failed: gettext("Failed") };

  function show(state) {
    if (one("state").textContent !== states[state.status]) one("state").textContent = states[state.status];
    section.querySelector("progress").value = state.progress;
    for (const count of section.querySelectorAll("[data-count]")) count.textContent = state[count.dataset.count].toLocaleString(document.documentElement.lang);
    one("failure").textContent = state.error;
    one("failure").hidden = !state.error;
    one("rejects").hidden = !state.rejects_url;
    one("duplicates").hidden = !state.rows_duplicate;
    for (const next of ["items", "people", "annotate"]) one(next).hidden = state.status !== "done";
    document.querySelector("[data-no-worker]").hidden = state.worker_running;
    showRejected(state.first_rejects);
  }

  /** @param {{row: number, reason: string}[]} rows */
  function showRejected(rows) {
    one("rejected").hidden = !rows.length;
    one("reasons").replaceChildren(...rows.map((told) => {
      const item = document.createElement("li");
      item.textContent = interpolate(gettext("Row %(row)s: %(reason)s"), told, true);
      return item;
    }));
  }

  async function poll() {
    const state = await api("GET", `projects/${section.dataset.project}/imports/${section.dataset.run}/`).catch((error) => {
      if (!error.passing) throw error;
    });
    if (state) show(state);
    if (!state || ["queued", "running"].includes(state.status)) setTimeout(poll, state ? POLL : 5 * POLL);
  }

  if (["queued", "running"].includes(section.dataset.status)) poll();
}

/** Do something when a form is sent; its button waits meanwhile.
 * @param {HTMLFormElement} form @param {() => Promise<void>} action */
function submit(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, action);
  });
  form.querySelector("[type=submit]").disabled = false; // pressed earlier, it would send the form to nowhere
}

/** @param {HTMLFormElement} form @param {() => Promise<void>} action */
async function attempt(form, action) {
  const button = form.querySelector("[type=submit]");
  const error = form.querySelector("[data-error]");
  const focused = document.activeElement === button; // a disabled button loses it
  error.textContent = "";
  button.disabled = true;
  try {
    await action();
  } catch (problem) {
    error.textContent = problem.message;
  } finally {
    button.disabled = false;
    if (focused) button.focus();
  }
}
