/** One's own API tokens: create, copy, revoke. A key is shown once, when it is made. */

import { api } from "../api.js";
import { closest, find, formField } from "../dom.js";
import { announce, attempt, copy } from "../notices.js";

/** @param {HTMLElement} root */
export default function tokens(root) {
  const key = find(root, "#token-key", HTMLInputElement);
  const copyButton = find(root, "[data-copy]");
  find(root, "[data-create]", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    create(root, /** @type {HTMLFormElement} */ (event.currentTarget), key);
  });
  root.addEventListener("click", (event) => {
    const row = closest(event, "[data-token]");
    if (row && closest(event, "[data-revoke]")) revoke(root, row);
  });
  copyButton.addEventListener("click", () => copy(key, copyButton));
}

/** @param {HTMLElement} root @param {HTMLFormElement} form @param {HTMLInputElement} key */
async function create(root, form, key) {
  await attempt(root, async () => {
    const name = formField(form, "name").value;
    const scope = formField(form, "scope", HTMLSelectElement).value;
    const days = formField(form, "expires_in_days", HTMLSelectElement).value;
    const body = { name, scope, expires_in_days: days ? Number(days) : null };
    const made = await api("POST", "me/tokens/", body);
    form.hidden = true; // the list has the new one after the page is loaded again
    find(root, "[data-made]").hidden = false;
    key.value = made.token;
    key.select();
    announce(root, gettext("The token is created."));
  });
}

/** @param {HTMLElement} root @param {HTMLElement} row */
async function revoke(root, row) {
  if (!confirm(gettext("Programs that use this token stop working at once. Revoke it?"))) return;
  await attempt(root, async () => {
    await api("DELETE", `me/tokens/${row.dataset.token}/`);
    row.remove();
    announce(root, gettext("The token is revoked."));
  });
}
