/** Delete a project once its name was typed. */
import { api } from "../api.js";
import { attempt } from "../notices.js";

/** @param {HTMLFormElement} form */
export default function deleteProject(form) {
  const { path, name, next } = form.dataset;
  const field = form.querySelector("input");
  const button = form.querySelector("button");
  const fits = () => field.value.trim() === name.trim();
  field.addEventListener("input", () => (button.disabled = !fits()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!fits()) return;
    attempt(form, async () => {
      await api("DELETE", path);
      location.assign(next);
    });
  });
}
