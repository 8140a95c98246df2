/** Choose the time zone of all times; the first choice is that of the browser. */

import { api } from "../api.js";
import { find } from "../dom.js";
import { announce, attempt } from "../notices.js";
import { browserTimeZone } from "../time_zone.js";

/** @param {HTMLElement} root */
export default function timeZone(root) {
  const list = find(root, "select", HTMLSelectElement);
  list.options[0].textContent = interpolate(gettext("That of the browser (%s)"), [browserTimeZone()]);
  list.addEventListener("change", () => {
    attempt(root, async () => {
      await api("PATCH", "me/", { time_zone: list.value });
      announce(root, gettext("Saved"));
    });
  });
}
