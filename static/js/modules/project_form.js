/** Make a project or change one: read the form, send it, say what is wrong or that it is saved. */
import { api } from "../api.js";
import { attempt, clearError } from "../notices.js";
import { readLabels } from "./labels_editor.js";

/** @param {HTMLFormElement} form */
function readSettings(form) {
  const settings = {};
  for (const field of form.querySelectorAll("[data-setting]")) {
    if (field.closest("[hidden]")) continue; // of another kind of project
    settings[field.dataset.setting] = valueOf(/** @type {HTMLInputElement} */ (field));
  }
  return settings;
}

/** @param {HTMLInputElement} field */
function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.type !== "number") return field.value;
  return field.value === "" ? null : Number(field.value);
}

/** The labels; none where answers are numbers. @param {HTMLFormElement} form */
function readAnswers(form) {
  const labels = form.querySelector(".al-labels");
  return labels && !labels.hidden ? readLabels(labels) : [];
}

/** Show what the chosen kind of project has: labels, or numbers. @param {HTMLFormElement} form */
function showAnswers(form) {
  const kind = form.querySelector("[name=task_type]:checked");
  if (!kind) return;
  const wanted = "numbers" in kind.dataset ? "numbers" : "labels";
  for (const part of form.querySelectorAll("[data-of]")) part.hidden = part.dataset.of !== wanted;
}

/** Say of what is chosen in a list what it is. @param {HTMLSelectElement} list */
function explain(list) {
  const place = list.parentElement.querySelector("[data-explains]");
  if (place) place.textContent = list.selectedOptions[0].dataset.sentence ?? "";
}

/** @param {HTMLFormElement} form */
function read(form) {
  const kind = form.querySelector("[name=task_type]:checked");
  return {
    name: form.querySelector("#name").value,
    guidelines: form.querySelector("#guidelines").value,
    labels: readAnswers(form),
    settings: readSettings(form),
    ...(kind && { task_type: kind.value }),
  };
}

/** @param {HTMLFormElement} form */
export default function projectForm(form) {
  const { method, path, next } = form.dataset; // next: where to go once a project is made; 0 stands for its number
  const saved = form.querySelector("[data-status]");
  let changed = false;
  showAnswers(form);
  for (const list of form.querySelectorAll("select[data-setting]")) {
    explain(list); // the browser may have kept what was chosen
    list.addEventListener("change", () => explain(list));
  }
  form.addEventListener("change", () => showAnswers(form));
  form.addEventListener("input", () => {
    changed = true;
    clearError(form);
    if (saved) saved.textContent = "";
  });
  window.addEventListener("beforeunload", (event) => changed && event.preventDefault());

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      const project = await api(method, path, read(form));
      changed = false;
      if (next) location.assign(next.replace("/0/", `/${project.id}/`));
      else saved.textContent = gettext("Saved");
    });
  });
}
