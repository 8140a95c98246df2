/** Mark the field that an error is about, say beside it what is wrong, and bring it in sight. */

/** The field by what an error's details name: a setting, a label, or a field of the form.
 * @param {HTMLElement} root @param {{setting?: string, label?: string, field?: string}} details @returns {HTMLInputElement | null} */
function fieldOf(root, { setting, label, field }) {
  const one = (selector) => root.querySelector(selector);
  if (setting) return one(`[data-setting="${CSS.escape(setting)}"]`);
  if (label) {
    return (
      [...root.querySelectorAll('[data-row] [data-part="name"]')].find((name) => name.value.trim() === label) ?? null
    );
  }
  return field ? one(`#${CSS.escape(field)}, [name="${CSS.escape(field)}"]`) : null;
}

/** @param {HTMLInputElement} field @returns {HTMLElement | null} where its error is said */
const placeOf = (field) => document.getElementById(`${field.id}-error`);

/** @param {HTMLElement} root @param {{message: string, details?: any}} error */
export function mark(root, { message, details }) {
  const field = fieldOf(root, details ?? {});
  if (!field) return;
  field.ariaInvalid = "true";
  const place = placeOf(field);
  if (place) place.textContent = message;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.focus();
}

/** Take all marks away. @param {HTMLElement} root */
export function unmark(root) {
  for (const field of root.querySelectorAll("[aria-invalid=true]")) {
    field.ariaInvalid = null;
    const place = placeOf(field);
    if (place) place.textContent = "";
  }
}
