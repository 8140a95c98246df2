/** Make a project or change one: read the form, send it, say what is wrong or that it is saved. */
import { api } from "../api.js";
import { attempt } from "../notices.js";
import { readLabels } from "./labels_editor.js";

/** @param {HTMLFormElement} form */
function readSettings(form) {
  const settings = {};
  for (const field of form.querySelectorAll("[data-setting]")) {
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

/** @param {HTMLFormElement} form */
function read(form) {
  const kind = form.querySelector("[name=task_type]:checked");
  return {
    name: form.querySelector("#name").value,
    guidelines: form.querySelector("#guidelines").value,
    labels: readLabels(form.querySelector(".al-labels")),
    settings: readSettings(form),
    ...(kind && { task_type: kind.value }),
  };
}

/** @param {HTMLFormElement} form */
export default function projectForm(form) {
  const { method, path, next } = form.dataset; // next: where to go once a project is made; 0 stands for its number
  const saved = form.querySelector("[data-status]");
  let changed = false;
  form.addEventListener("input", () => {
    changed = true;
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
