/** Imports: the upload form, the form that confirms the columns of a draft, and the progress of a job. */

import { api, messageOf } from "../api.js";
import { find, findAll, formField, localized } from "../dom.js";
import { describeState, isUnfinished, pollJob } from "../polling.js";

const FIELDS_ROLE = "fields";
const META_ROLE = "meta";
const HIDDEN_ROLE = "hidden";
const SHARED_ROLES = [META_ROLE, HIDDEN_ROLE, FIELDS_ROLE]; // of any number of columns
const TABLE_FORMATS = ["csv", "tsv"];

/** @param {HTMLElement} element with data-part */
export default function start(element) {
  if (!(element instanceof HTMLFormElement)) new ImportProgress(element).start();
  else if (element.dataset.part === "upload") startUpload(element);
  else new MappingForm(element).start();
}

/** @param {HTMLFormElement} form */
function startUpload(form) {
  const dropZone = find(form, ".al-drop");
  const input = formField(form, "file");
  /** @param {DragEvent} event @param {boolean} isOver */
  function handleDrag(event, isOver) {
    event.preventDefault();
    dropZone.toggleAttribute("data-over", isOver);
  }
  dropZone.addEventListener("dragenter", (event) => handleDrag(event, true));
  dropZone.addEventListener("dragover", (event) => handleDrag(event, true));
  dropZone.addEventListener("dragleave", (event) => handleDrag(event, false));
  dropZone.addEventListener("drop", (event) => {
    handleDrag(event, false);
    if (event.dataTransfer?.files.length) input.files = event.dataTransfer.files;
  });

  onSubmit(form, async () => {
    const file = input.files?.[0];
    if (!file) return;
    if (file.size > Number(form.dataset.max)) {
      throw new Error(gettext("The file is too large. Upload it in parts, or gzipped."));
    }
    const body = new FormData();
    body.append("file", file);
    body.append("preview", "true");
    const header = form.elements.namedItem("header");
    if (header instanceof HTMLSelectElement && header.value) body.append("header", header.value);
    const progress = find(form, "[data-progress]");
    progress.hidden = false;
    try {
      const { id } = await api("POST", `projects/${form.dataset.project}/imports/`, body);
      location.assign(`${form.dataset.show}${id}/`);
    } finally {
      progress.hidden = true;
    }
  });
}

/** What each column of the file is. */
class MappingForm {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.path = `projects/${form.dataset.project}/imports/${form.dataset.run}/`;
    this.selects = findAll(form, "[data-column]", HTMLSelectElement);
    this.takesFields = "takesColumns" in form.dataset;
  }

  start() {
    for (const select of this.selects) select.addEventListener("change", () => this.makeUnique(select));
    for (const name of ["format", "encoding", "delimiter", "header"]) {
      const control = this.form.elements.namedItem(name);
      if (!(control instanceof Element)) continue;
      control.addEventListener("change", () => attempt(this.form, () => this.readAgain(name)));
    }
    find(this.form, "[data-discard]").addEventListener("click", () => attempt(this.form, () => this.discard()));
    onSubmit(this.form, async () => {
      await api("POST", `${this.path}start/`, { mapping: this.mapping });
      location.reload();
    });
  }

  async discard() {
    await api("DELETE", this.path);
    location.assign(this.form.dataset.back ?? "");
  }

  /** One column is the text, one the label, one the id: the last choice wins. @param {HTMLSelectElement} changed */
  makeUnique(changed) {
    if (SHARED_ROLES.includes(changed.value)) return;
    for (const select of this.selects) {
      if (select !== changed && select.value === changed.value) {
        select.value = this.takesFields ? FIELDS_ROLE : META_ROLE;
      }
    }
  }

  /** What was chosen by hand holds; the server detects the rest again. @param {string} changed name of a control */
  async readAgain(changed) {
    const format = this.valueOf("format");
    /** @type {Record<string, unknown>} */
    const hints = { format: changed === "delimiter" ? "auto" : format };
    if (changed === "encoding") hints.encoding = this.valueOf("encoding"); // a detected one may be none to choose
    if (changed !== "format" && TABLE_FORMATS.includes(format)) {
      hints.delimiter = this.valueOf("delimiter");
      hints.header = this.valueOf("header") === "true";
    }
    await api("PATCH", this.path, hints);
    location.reload();
  }

  /** @param {string} name of a control */
  valueOf(name) {
    const control = this.form.elements.namedItem(name);
    return control instanceof HTMLSelectElement || control instanceof HTMLInputElement ? control.value : "";
  }

  get mapping() {
    /** @type {Record<string, unknown>} */
    const mapping = {
      id: this.columnOf("id"),
      label: this.columnOf("label"),
      create_labels: isChecked(this.form, "create_labels"),
    };
    for (const role of (this.form.dataset.content ?? "").split(" ").filter(Boolean)) {
      mapping[role] = this.columnOf(role);
    }
    if (this.takesFields) mapping.fields = this.columnsOf(FIELDS_ROLE);
    mapping.export_only = this.columnsOf(HIDDEN_ROLE);
    return mapping;
  }

  /** @param {string} role */
  columnsOf(role) {
    return this.selects.filter(({ value }) => value === role).map((select) => select.dataset.column);
  }

  /** @param {string} role */
  columnOf(role) {
    return this.columnsOf(role)[0] ?? null;
  }
}

class ImportProgress {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.section = section;
    this.state = find(section, "[data-state]");
    this.bar = find(section, "progress", HTMLProgressElement);
    this.counts = findAll(section, "[data-count]");
    this.failure = find(section, "[data-failure]");
    this.cancelButton = find(section, "[data-cancel]");
    this.cancelledHint = find(section, "[data-cancelled]");
    this.rejects = find(section, "[data-rejects]");
    this.duplicates = find(section, "[data-duplicates]");
    this.rejected = find(section, "[data-rejected]");
    this.reasons = find(section, "[data-reasons]");
    this.nextSteps = findAll(section, "[data-items], [data-people], [data-annotate]");
    this.workerWarning = find(document, "[data-no-worker]");
  }

  start() {
    const { project, run, status } = this.section.dataset;
    if (!isUnfinished(status)) return;
    pollJob(
      () => api("GET", `projects/${project}/imports/${run}/`),
      (state) => this.show(state),
    );
  }

  /** @param {import("../polling.js").Job & Record<string, any>} state of the API */
  show(state) {
    const text = describeState(state);
    if (this.state.textContent !== text) this.state.textContent = text;
    this.bar.value = state.progress;
    for (const count of this.counts) count.textContent = localized(state[count.dataset.count ?? ""]);
    this.failure.textContent = state.error;
    this.failure.hidden = !state.error;
    this.cancelButton.hidden = !isUnfinished(state.status);
    this.cancelledHint.hidden = state.status !== "cancelled";
    this.rejects.hidden = !state.rejects_url;
    this.duplicates.hidden = !state.rows_duplicate;
    for (const link of this.nextSteps) link.hidden = state.status !== "done";
    this.workerWarning.hidden = state.worker_running;
    this.showRejected(state.first_rejects);
  }

  /** @param {{row: number, reason: string}[]} rows */
  showRejected(rows) {
    this.rejected.hidden = !rows.length;
    const lines = rows.map((row) => {
      const line = document.createElement("li");
      line.textContent = interpolate(gettext("Row %(row)s: %(reason)s"), row, true);
      return line;
    });
    this.reasons.replaceChildren(...lines);
  }
}

/** @param {HTMLFormElement} form @param {string} name of a checkbox that may be missing */
function isChecked(form, name) {
  const box = form.elements.namedItem(name);
  return box instanceof HTMLInputElement && box.checked;
}

/** Do something when a form is sent; its button waits meanwhile.
 * @param {HTMLFormElement} form @param {() => Promise<void>} action */
function onSubmit(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, action);
  });
  find(form, "[type=submit]", HTMLButtonElement).disabled = false; // pressed earlier, it would send the form to nowhere
}

/** @param {HTMLFormElement} form @param {() => Promise<void>} action */
async function attempt(form, action) {
  const button = find(form, "[type=submit]", HTMLButtonElement);
  const error = find(form, "[data-error]");
  const hadFocus = document.activeElement === button; // a disabled button loses it
  error.textContent = "";
  button.disabled = true;
  try {
    await action();
  } catch (problem) {
    error.textContent = messageOf(problem);
  } finally {
    button.disabled = false;
    if (hadFocus) button.focus();
  }
}
