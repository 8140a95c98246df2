/** Exports: the form with its live preview, and the progress of a file that is being made. */

import { api, messageOf } from "../api.js";
import { find, formField, localized } from "../dom.js";
import { flash } from "../flash_message.js";
import { isUnfinished, pollJob } from "../polling.js";

/** @typedef {{columns: string[], rows: string[][], rows_total: number, text: string, defused_cells: number}} Preview of the API */

const HEADING_ID = "files";
const TABLE_FORMATS = ["csv", "tsv"];

/** @param {HTMLElement} element with data-part */
export default function start(element) {
  if (element instanceof HTMLFormElement) new ExportForm(element).start();
  else followExport(element);
}

class ExportForm {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.path = `projects/${form.dataset.project}/exports/`;
    this.format = formField(form, "format", HTMLSelectElement);
    this.answers = formField(form, "answers", HTMLSelectElement);
    this.unlabelled = formField(form, "unlabelled");
    this.raw = formField(form, "raw");
    this.tableOptions = find(form, "[data-tables]");
    this.defused = find(form, "[data-defused]");
    this.error = find(form, "[data-error]");
    this.table = find(form, "[data-preview]");
    this.text = find(form, "[data-text]");
    this.total = find(form, "[data-total]");
    this.previews = 0; // requested so far
  }

  start() {
    this.restoreChoices();
    this.form.addEventListener("change", () => this.preview());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.preview();
  }

  get choices() {
    return {
      format: this.format.value,
      answers: this.answers.value,
      unlabelled: this.unlabelled.checked,
      raw: this.isTable && this.raw.checked,
    };
  }

  get isTable() {
    return TABLE_FORMATS.includes(this.format.value);
  }

  get query() {
    const { format, answers, unlabelled, raw } = this.choices;
    return new URLSearchParams({ format, answers, unlabelled: String(unlabelled), raw: String(raw) });
  }

  /** Choose what the address says, as it does once an export was created. */
  restoreChoices() {
    const query = new URLSearchParams(location.search);
    for (const select of [this.format, this.answers]) {
      const value = query.get(select.name);
      if (value !== null && [...select.options].some((option) => option.value === value)) select.value = value;
    }
    if (query.has("unlabelled")) this.unlabelled.checked = query.get("unlabelled") === "true";
    if (query.has("raw")) this.raw.checked = query.get("raw") === "true";
  }

  /** What becomes of texts that look like formulas. @param {number} cells of the preview that got an apostrophe */
  describeFormulas(cells) {
    if (this.raw.checked) return gettext("Texts are written as they are.");
    const rule = gettext(
      "A text that a spreadsheet would run as a formula gets an apostrophe; an import here takes it off.",
    );
    return cells ? `${rule} ${interpolate(gettext("In the rows above: %s."), [localized(cells)])}` : rule;
  }

  async preview() {
    this.previews += 1;
    const request = this.previews;
    try {
      const preview = await api("GET", `${this.path}preview/?${this.query}`);
      if (request === this.previews) this.show(preview);
    } catch (error) {
      this.error.textContent = messageOf(error);
    }
  }

  /** @param {Preview} preview */
  show({ columns, rows, rows_total: total, text, defused_cells: defused }) {
    this.error.textContent = "";
    this.table.hidden = !this.isTable;
    this.tableOptions.hidden = !this.isTable;
    this.text.hidden = this.isTable;
    this.defused.textContent = this.isTable ? this.describeFormulas(defused) : "";
    this.text.textContent = text;
    this.table.replaceChildren(makeRow("th", columns), ...rows.map((cells) => makeRow("td", cells)));
    this.total.textContent = total
      ? interpolate(ngettext("%s row", "%s rows", total), [localized(total)])
      : gettext("No rows: nothing is labelled yet. Include items without an answer to get them all.");
  }

  async submit() {
    const { format, ...filters } = this.choices;
    try {
      await api("POST", this.path, { format, filters });
      history.replaceState(null, "", `?${this.query}`);
      flash(gettext("The file is being made. It is listed here, to be downloaded when it is done."), HEADING_ID);
      location.reload();
    } catch (error) {
      this.error.textContent = messageOf(error);
    }
  }
}

/** @param {"td"|"th"} tag @param {string[]} cells */
function makeRow(tag, cells) {
  const row = document.createElement("tr");
  for (const text of cells) {
    const cell = document.createElement(tag);
    if (tag === "th") cell.scope = "col";
    cell.className = "al-preview__cell";
    cell.textContent = text;
    row.append(cell);
  }
  return row;
}

/** @param {HTMLElement} line of the table of files */
function followExport(line) {
  const path = `projects/${line.dataset.project}/exports/${line.dataset.run}/`;
  const bar = find(line, "progress", HTMLProgressElement);
  const rows = find(line, "[data-rows]");
  const workerWarning = find(document, "[data-no-worker]");
  pollJob(
    () => api("GET", path),
    (state) => {
      if (!isUnfinished(state.status)) {
        if (state.status === "done") flash(gettext("The file is ready to be downloaded."), HEADING_ID);
        location.reload();
        return;
      }
      bar.value = state.progress;
      rows.textContent = localized(state.rows_written);
      workerWarning.hidden = state.worker_running;
    },
  );
}
