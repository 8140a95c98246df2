/** Who takes part: roles, removal, leases, new members, invitation links. */
import { api } from "../api.js";
import { attempt, copy, say } from "../notices.js";

/** Show the page as it is now, at the same place. @param {string} [hash] */
function again(hash) {
  if (hash) history.replaceState(null, "", `#${hash}`);
  location.reload();
}

/** @param {HTMLElement} root @param {HTMLSelectElement} select */
async function changeRole(root, select) {
  const row = /** @type {HTMLElement} */ (select.closest("[data-member]"));
  const role = select.value;
  const before = [...select.options].find((option) => option.defaultSelected);
  const done = await attempt(root, () => api("PATCH", `${root.dataset.path}members/${row.dataset.member}/`, { role }));
  if (!done) {
    before.selected = true;
    return;
  }
  for (const option of select.options) option.defaultSelected = option.value === role;
  say(root, interpolate(gettext("%s is now %s"), [row.dataset.name, select.selectedOptions[0].text]));
}

/** @param {HTMLElement} root @param {HTMLElement} row */
async function remove(root, row) {
  const question = gettext("Remove %s from this project? Their answers stay.");
  if (!confirm(interpolate(question, [row.dataset.name]))) return;
  if (await attempt(root, () => api("DELETE", `${root.dataset.path}members/${row.dataset.member}/`))) again();
}

/** @param {HTMLElement} root @param {HTMLElement} row @param {HTMLElement} button */
async function release(root, row, button) {
  await attempt(root, async () => {
    const path = `${root.dataset.path}members/${row.dataset.member}/release/`;
    const { released } = await api("POST", path);
    row.querySelector("[data-in-hand]").textContent = "0";
    button.remove();
    say(root, interpolate(ngettext("%s item released", "%s items released", released), [released]));
  });
}

/** @param {HTMLElement} root @param {HTMLFormElement} form @param {string} what members or invitations */
async function send(root, form, what) {
  const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  if (await attempt(root, () => api("POST", `${root.dataset.path}${what}/`, given))) again(what);
}

/** @param {HTMLElement} root */
export default function members(root) {
  root.addEventListener("change", (event) => {
    const select = /** @type {HTMLElement} */ (event.target);
    if (select instanceof HTMLSelectElement && "role" in select.dataset) changeRole(root, select);
  });
  root.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    const member = /** @type {HTMLElement} */ (button?.closest("[data-member]"));
    const link = /** @type {HTMLElement} */ (button?.closest("[data-invitation]"));
    if (member && "remove" in button.dataset) remove(root, member);
    else if (member && "release" in button.dataset) release(root, member, button);
    else if (link && "copy" in button.dataset) copy(link.querySelector("[data-link]"), button);
    else if (link && "revoke" in button.dataset) revoke(root, link);
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    send(root, form, "invite" in form.dataset ? "invitations" : "members");
  });
}

/** @param {HTMLElement} root @param {HTMLElement} link */
async function revoke(root, link) {
  const path = `${root.dataset.path}invitations/${link.dataset.invitation}/`;
  if (await attempt(root, () => api("DELETE", path))) again("invitations");
}
