/** Create a project or change one: read the form, send it, say what is wrong or that it is saved. */

import { api } from "../api.js";
import { find, findAll, findOptional } from "../dom.js";
import { attempt, clearError } from "../notices.js";
import { askAboutSimilarLabels } from "../similar_labels.js";
import { readLabels } from "./labels_editor.js";

/** @param {HTMLFormElement} form */
function readSettings(form) {
  /** @type {Record<string, string|string[]|number|boolean|null>} */
  const settings = {};
  for (const field of findAll(form, "[data-setting]")) {
    if (!isField(field) || field.closest("[hidden]")) continue; // hidden: of another kind of project
    if (field instanceof HTMLInputElement && field.type === "radio" && !field.checked) continue;
    settings[field.dataset.setting ?? ""] = valueOf(field);
  }
  return settings;
}

/** @typedef {HTMLInputElement|HTMLSelectElement|HTMLTextAreaElement} Field */

/** @param {HTMLElement} element @returns {element is Field} */
function isField(element) {
  return [HTMLInputElement, HTMLSelectElement, HTMLTextAreaElement].some((kind) => element instanceof kind);
}

/** @param {Field} field */
function valueOf(field) {
  if (field instanceof HTMLTextAreaElement) return field.value.split("\n").filter((line) => line.trim());
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  if (field.type !== "number") return field.value;
  return field.value === "" ? null : Number(field.value);
}

/** The labels; none where answers are numbers. @param {HTMLFormElement} form */
function readShownLabels(form) {
  const labels = findOptional(form, ".al-labels", HTMLElement);
  return labels && !labels.hidden ? readLabels(labels) : [];
}

/** @param {HTMLFormElement} form */
function chosenTaskType(form) {
  return findOptional(form, "[name=task_type]:checked", HTMLInputElement);
}

/** Show what the chosen kind of project has: labels, or numbers. @param {HTMLFormElement} form */
function showAnswers(form) {
  const taskType = chosenTaskType(form);
  if (!taskType) return;
  const shown = "numbers" in taskType.dataset ? "numbers" : "labels";
  for (const part of findAll(form, "[data-of]")) part.hidden = part.dataset.of !== shown;
}

/** Explain what is chosen in a list. @param {HTMLSelectElement} list */
function explainChoice(list) {
  const box = list.parentElement?.querySelector("[data-explains]");
  if (box) box.textContent = list.selectedOptions[0].dataset.sentence ?? "";
}

/** What the API takes. @param {HTMLFormElement} form */
function readProject(form) {
  const taskType = chosenTaskType(form);
  return {
    name: find(form, "#name", HTMLInputElement).value,
    guidelines: find(form, "#guidelines", HTMLTextAreaElement).value,
    labels: readShownLabels(form),
    settings: readSettings(form),
    ...(taskType && { task_type: taskType.value }),
  };
}

/** @param {HTMLFormElement} form */
export default function projectForm(form) {
  const { method = "", path = "", next } = form.dataset; // next: where to go once it is created; 0 stands for its number
  const status = findOptional(form, "[data-status]", HTMLElement);
  let isChanged = false;
  showAnswers(form);
  for (const list of findAll(form, "select[data-setting]", HTMLSelectElement)) {
    explainChoice(list); // the browser may have kept what was chosen
    list.addEventListener("change", () => explainChoice(list));
  }
  form.addEventListener("change", () => showAnswers(form));
  form.addEventListener("input", () => {
    isChanged = true;
    clearError(form);
    if (status) status.textContent = "";
  });
  addEventListener("beforeunload", (event) => isChanged && event.preventDefault());

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      const project = await askAboutSimilarLabels((more) => api(method, path, { ...readProject(form), ...more }));
      isChanged = false;
      if (next) location.assign(next.replace("/0/", `/${project.id}/`));
      else if (status) status.textContent = gettext("Saved");
    });
  });
}
