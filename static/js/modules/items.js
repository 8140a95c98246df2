/** Filter the list of items as soon as a choice is made, and leave empty filters out of the address. */

/** @param {HTMLFormElement} form */
export default function items(form) {
  const fields = () =>
    [...form.elements].filter((field) => field instanceof HTMLInputElement || field instanceof HTMLSelectElement);
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of fields()) if (!field.value) field.disabled = true;
  });
  // coming back to this page shows it as it was left
  addEventListener("pageshow", () => {
    for (const field of fields()) field.disabled = false;
  });
}
