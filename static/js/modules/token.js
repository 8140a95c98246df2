/** One's own API token: show, copy, replace, revoke. It is fetched only when it is to be shown. */

import { api, messageOf } from "../api.js";
import { find } from "../dom.js";
import { copy } from "../notices.js";

/** @param {HTMLElement} root */
export default function token(root) {
  const field = find(root, "#token-value", HTMLInputElement);
  const fieldBox = find(root, "[data-shown]");
  const noneText = find(root, "[data-none]");
  const announcement = find(root, "[data-announcement]");
  const showButton = find(root, "[data-show]");
  const copyButton = find(root, "[data-copy]");
  const createButton = find(root, "[data-make]");
  const revokeButton = find(root, "[data-revoke]");

  /** @param {string|null} key */
  function show(key) {
    field.value = key ?? "";
    fieldBox.hidden = copyButton.hidden = revokeButton.hidden = !key;
    noneText.hidden = Boolean(key);
    showButton.hidden = true;
    createButton.textContent = key ? gettext("Replace by a new one") : gettext("Make a token");
  }

  /** @param {HTMLElement} button @param {() => Promise<string>} action returns what to say */
  function onPress(button, action) {
    button.addEventListener("click", async () => {
      try {
        announcement.textContent = await action();
      } catch (error) {
        announcement.textContent = messageOf(error);
      }
    });
  }

  onPress(showButton, async () => {
    show((await api("GET", "me/token/")).token);
    return "";
  });
  onPress(createButton, async () => {
    const isReplacing = !revokeButton.hidden;
    if (isReplacing && !confirm(gettext("The token before stops working at once. Go on?"))) return "";
    show((await api("POST", "me/token/")).token);
    return isReplacing ? gettext("Replaced: the token before does not work any more.") : "";
  });
  onPress(revokeButton, async () => {
    await api("DELETE", "me/token/");
    show(null);
    return gettext("Revoked: it does not work any more.");
  });
  copyButton.addEventListener("click", () => copy(field, copyButton));
}
