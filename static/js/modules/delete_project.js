/** Delete a project once its name was typed. */
import { api } from "../api.js";
import { carry } from "../flash_message.js";
import { attempt } from "../notices.js";

/** @param {HTMLFormElement} form */
export default function deleteProject(form) {
  const { path, name, next } = form.dataset;
  const field = form.querySelector("input");
  const button = form.querySelector("button");
  const fits = () => field.value.trim() === name.trim();
  const look = () => (button.disabled = !fits());
  field.addEventListener("input", look);
  look(); // the name may have been typed before this ran
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!fits()) return;
    attempt(form, async () => {
      await api("DELETE", path);
      carry(interpolate(gettext("“%s” is deleted."), [name]));
      location.assign(next);
    });
  });
}
