/** One's own API token: show, copy, replace, revoke. It is fetched only when it is to be shown. */
import { api } from "../api.js";
import { copy } from "../notices.js";

/** @param {HTMLElement} root */
export default function token(root) {
  const find = (name) => /** @type {HTMLElement} */ (root.querySelector(`[data-${name}]`));
  const field = /** @type {HTMLInputElement} */ (root.querySelector("#token-value"));

  /** @param {string | null} key */
  function show(key) {
    field.value = key ?? "";
    find("shown").hidden = find("copy").hidden = !key;
    find("none").hidden = find("show").hidden = true;
    find("revoke").hidden = !key;
    find("none").hidden = Boolean(key);
    find("make").textContent = key ? gettext("Replace by a new one") : gettext("Make a token");
  }

  /** @param {string} name @param {() => Promise<string>} action returns what to say */
  function on(name, action) {
    find(name).addEventListener("click", async () => {
      const said = find("said");
      try {
        said.textContent = await action();
      } catch (error) {
        said.textContent = error.message;
      }
    });
  }

  on("show", async () => {
    show((await api("GET", "me/token/")).token);
    return "";
  });
  on("make", async () => {
    const replaces = !find("revoke").hidden;
    if (replaces && !confirm(gettext("The token before stops working at once. Go on?"))) return "";
    show((await api("POST", "me/token/")).token);
    return replaces ? gettext("Replaced: the token before does not work any more.") : "";
  });
  on("revoke", async () => {
    await api("DELETE", "me/token/");
    show(null);
    return gettext("Revoked: it does not work any more.");
  });
  find("copy").addEventListener("click", () => copy(field, find("copy")));
}
