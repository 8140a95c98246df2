/** Show an error beside the field that it is about, and scroll there. */

import { findAll } from "./dom.js";

/** @typedef {HTMLInputElement|HTMLSelectElement|HTMLTextAreaElement} Field */

/** The field that an error's details name: a setting, a label, or a field of the form.
 * @param {HTMLElement} root @param {{setting?: string, label?: string, field?: string}} details @returns {Field|null} */
function fieldOf(root, { setting, label, field }) {
  if (setting) return root.querySelector(`[data-setting="${CSS.escape(setting)}"]`);
  if (label) {
    const names = findAll(root, '[data-row] [data-part="name"]', HTMLInputElement);
    return names.find(({ value }) => value.trim() === label) ?? null;
  }
  return field ? root.querySelector(`#${CSS.escape(field)}, [name="${CSS.escape(field)}"]`) : null;
}

/** Where a field's error goes. @param {HTMLElement} field */
const errorBoxOf = (field) => document.getElementById(`${field.id}-error`);

/** @param {HTMLElement} root @param {{message: string, details?: Record<string, any>}} error */
export function showFieldError(root, { message, details }) {
  const field = fieldOf(root, details ?? {});
  if (!field) return;
  field.ariaInvalid = "true";
  const box = errorBoxOf(field);
  if (box) box.textContent = message;
  const fold = field.closest("details");
  if (fold) fold.open = true;
  field.focus();
}

/** @param {HTMLElement} root */
export function clearFieldErrors(root) {
  for (const field of findAll(root, "[aria-invalid=true]")) {
    field.ariaInvalid = null;
    const box = errorBoxOf(field);
    if (box) box.textContent = "";
  }
}
