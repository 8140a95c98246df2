/** Who takes part: roles, removal, leases, new members, invitation links. */

import { api } from "../api.js";
import { closest, find, formField } from "../dom.js";
import { announce, attempt, copy } from "../notices.js";

/** @param {HTMLElement} root */
export default function members(root) {
  root.addEventListener("change", (event) => {
    const select = closest(event, "[data-role]", HTMLSelectElement);
    if (select) changeRole(root, select);
  });
  root.addEventListener("click", (event) => {
    const button = closest(event, "button");
    const member = closest(event, "[data-member]");
    const invitation = closest(event, "[data-invitation]");
    if (button && member) pressOfMember(root, member, button);
    else if (button && invitation) revoke(root, invitation);
    else if (button && "copy" in button.dataset) copy(find(root, "[data-link]", HTMLInputElement), button);
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = closest(event, "form", HTMLFormElement);
    if (form && "invite" in form.dataset) invite(root, form);
    else if (form) add(root, form);
  });
}

/** @param {HTMLElement} root @param {HTMLElement} member @param {HTMLElement} button */
function pressOfMember(root, member, button) {
  if ("remove" in button.dataset) remove(root, member);
  else if ("release" in button.dataset) release(root, member, button);
}

/** Show the page as it is now, at the same position. @param {string} [hash] */
function reload(hash) {
  if (hash) history.replaceState(null, "", `#${hash}`);
  location.reload();
}

/** @param {HTMLElement} root @param {HTMLSelectElement} select */
async function changeRole(root, select) {
  const row = /** @type {HTMLElement} */ (select.closest("[data-member]"));
  const role = select.value;
  const previous = [...select.options].find((option) => option.defaultSelected);
  const isDone = await attempt(root, () => api("PATCH", memberPath(root, row), { role }));
  if (!isDone) {
    if (previous) previous.selected = true;
    return;
  }
  for (const option of select.options) option.defaultSelected = option.value === role;
  announce(root, interpolate(gettext("%s is now %s"), [row.dataset.name, select.selectedOptions[0].text]));
}

/** @param {HTMLElement} root @param {HTMLElement} row */
async function remove(root, row) {
  const question = gettext("Remove %s from this project? Their answers stay. The link by which they came is closed.");
  if (!confirm(interpolate(question, [row.dataset.name]))) return;
  if (await attempt(root, () => api("DELETE", memberPath(root, row)))) reload();
}

/** @param {HTMLElement} root @param {HTMLElement} row @param {HTMLElement} button */
async function release(root, row, button) {
  await attempt(root, async () => {
    const { released } = await api("POST", `${memberPath(root, row)}release/`);
    find(row, "[data-leased]").textContent = "0";
    button.remove();
    announce(root, interpolate(ngettext("%s item released", "%s items released", released), [released]));
  });
}

/** @param {HTMLElement} root @param {HTMLFormElement} form */
async function add(root, form) {
  const filled = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  if (await attempt(root, () => api("POST", `${root.dataset.path}members/`, filled))) reload();
}

/** The link is shown once: the list has it, without its address, when the page is loaded again.
 * @param {HTMLElement} root @param {HTMLFormElement} form */
async function invite(root, form) {
  await attempt(root, async () => {
    const role = formField(form, "role", HTMLSelectElement).value;
    const max_uses = Number(formField(form, "max_uses").value);
    const made = await api("POST", `${root.dataset.path}invitations/`, { role, max_uses });
    find(root, "[data-made]").hidden = false;
    const link = find(root, "[data-link]", HTMLInputElement);
    link.value = made.url;
    link.select();
    announce(root, gettext("The link is created."));
  });
}

/** @param {HTMLElement} root @param {HTMLElement} invitation */
async function revoke(root, invitation) {
  const path = `${root.dataset.path}invitations/${invitation.dataset.invitation}/`;
  if (await attempt(root, () => api("DELETE", path))) reload("invitations");
}

/** @param {HTMLElement} root @param {HTMLElement} row */
function memberPath(root, row) {
  return `${root.dataset.path}members/${row.dataset.member}/`;
}
