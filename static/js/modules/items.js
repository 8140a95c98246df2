/** Filter the list of items as soon as a choice is made, and leave empty filters out of the address. */

/** @param {HTMLFormElement} form */
export default function items(form) {
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (!(/** @type {HTMLInputElement} */ (field).value)) /** @type {HTMLInputElement} */ (field).disabled = true;
    }
  });
  // coming back to this page shows it as it was left
  window.addEventListener("pageshow", () => {
    for (const field of form.elements) /** @type {HTMLInputElement} */ (field).disabled = false;
  });
}
