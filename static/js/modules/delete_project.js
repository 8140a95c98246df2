/** Delete a project once its name was typed. */

import { api } from "../api.js";
import { find } from "../dom.js";
import { flash } from "../flash_message.js";
import { attempt } from "../notices.js";

/** @param {HTMLFormElement} form */
export default function deleteProject(form) {
  const { path = "", name = "", next = "" } = form.dataset;
  const field = find(form, "input", HTMLInputElement);
  const button = find(form, "button", HTMLButtonElement);
  const isConfirmed = () => field.value.trim() === name.trim();
  const update = () => (button.disabled = !isConfirmed());
  field.addEventListener("input", update);
  update(); // the name may have been typed before this ran
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isConfirmed()) return;
    attempt(form, async () => {
      await api("DELETE", path);
      flash(interpolate(gettext("“%s” is deleted."), [name]));
      location.assign(next);
    });
  });
}
