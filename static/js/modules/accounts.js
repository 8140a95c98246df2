/** Accounts of the site, for admins: make one, change its rights, links for passwords, sign out, deactivate, anonymise. */

import { api } from "../api.js";
import { closest, find, formField } from "../dom.js";
import { announce, attempt, copy } from "../notices.js";

/** @param {HTMLElement} root */
export default function accounts(root) {
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = closest(event, "form", HTMLFormElement);
    if (form && "create" in form.dataset) create(root, form);
    else if (form) change(root, form);
  });
  root.addEventListener("click", (event) => {
    const button = closest(event, "button[type=button]", HTMLButtonElement);
    if (button) press(root, button);
  });
}

/** @param {HTMLElement} root @param {HTMLButtonElement} button */
function press(root, button) {
  if ("copy" in button.dataset) copy(find(root, "#password-link", HTMLInputElement), button);
  else if ("reset" in button.dataset) createLink(root);
  else if ("signOut" in button.dataset) signOut(root);
  else if ("secondFactor" in button.dataset) removeSecondFactor(root);
  else if (button.dataset.active) setActive(root, button.dataset.active === "true");
  else if ("anonymise" in button.dataset) anonymise(root, button.dataset.name ?? "");
}

/** @param {HTMLElement} root @param {HTMLFormElement} form */
async function create(root, form) {
  await attempt(root, async () => {
    const body = {
      username: formField(form, "username").value,
      email: formField(form, "email").value,
      may_create_projects: formField(form, "may_create_projects").checked,
    };
    const made = await api("POST", "accounts/", body);
    form.reset();
    showLink(root, made.url);
    announce(root, gettext("The account is created."));
  });
}

/** @param {HTMLElement} root @param {HTMLFormElement} form */
async function change(root, form) {
  const isDone = await attempt(root, () => {
    /** @type {Record<string, string|boolean>} */
    const body = { email: formField(form, "email").value };
    for (const name of ["may_create_projects", "is_admin"]) {
      const field = formField(form, name);
      if (!field.disabled) body[name] = field.checked;
    }
    return api("PATCH", path(root), body);
  });
  if (isDone) announce(root, gettext("The changes are saved."));
}

/** @param {HTMLElement} root */
async function createLink(root) {
  await attempt(root, async () => showLink(root, (await api("POST", `${path(root)}reset-link/`)).url));
}

/** @param {HTMLElement} root */
async function signOut(root) {
  if (!confirm(gettext("End all sessions and API tokens of this person?"))) return;
  const isDone = await attempt(root, () => api("POST", `${path(root)}sign-out/`));
  if (isDone) location.reload();
}

/** @param {HTMLElement} root */
async function removeSecondFactor(root) {
  if (!confirm(gettext("Let this person sign in with the password alone? Make sure that it is them who asks."))) return;
  const isDone = await attempt(root, () => api("DELETE", `${path(root)}second-factor/`));
  if (isDone) location.reload();
}

/** @param {HTMLElement} root @param {boolean} isActive */
async function setActive(root, isActive) {
  if (!isActive && !confirm(gettext("Deactivate this account? The person is signed out everywhere."))) return;
  const isDone = await attempt(root, () => api("PATCH", path(root), { is_active: isActive }));
  if (isDone) location.reload();
}

/** The name has to be typed, as there is no way back. @param {HTMLElement} root @param {string} name */
async function anonymise(root, name) {
  const typed = prompt(interpolate(gettext("There is no way back. Type “%s” to anonymise this account."), [name]));
  if (typed !== name) return;
  const isDone = await attempt(root, () => api("POST", `${path(root)}anonymise/`));
  if (isDone) location.reload();
}

/** @param {HTMLElement} root @param {string} url */
function showLink(root, url) {
  find(root, "[data-link-box]").hidden = false;
  const field = find(root, "#password-link", HTMLInputElement);
  field.value = url;
  field.select();
}

/** @param {HTMLElement} root */
function path(root) {
  return `accounts/${root.dataset.account}/`;
}
