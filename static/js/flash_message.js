/** A message that outlives the page: shown on the one that comes next, or on this one when it is loaded again. */

import { find } from "./dom.js";

const STORAGE_KEY = "margin-carried"; // a browser may hold a message under it

/** Say that something is done, where it is seen and heard.
 * @param {string} message @param {string|null} [headingId] of the heading under which it is shown; else on top of the page */
export function showSuccess(message, headingId) {
  const banner = document.createElement("div");
  banner.className = "al-banner al-banner--success";
  banner.setAttribute("role", "status");
  banner.tabIndex = -1;
  banner.append(Object.assign(document.createElement("p"), { textContent: message }));
  const heading = headingId ? document.getElementById(headingId) : null;
  if (heading) heading.after(banner);
  else find(document, "main").prepend(banner);
  banner.focus(); // scrolls it into view
}

/** Have it shown on the next page. @param {string} message @param {string} [headingId] as for showSuccess */
export function flash(message, headingId) {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify([message, headingId]));
}

/** Show what the page before left to say, once. */
export function showFlashMessage() {
  const stored = sessionStorage.getItem(STORAGE_KEY);
  if (!stored) return;
  sessionStorage.removeItem(STORAGE_KEY);
  const [message, headingId] = JSON.parse(stored);
  showSuccess(message, headingId);
}
