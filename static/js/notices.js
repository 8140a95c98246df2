/** Say on the page what happened: an error where it is seen, a success where a screen reader hears it. */

import { find } from "./dom.js";
import { clearFieldErrors, showFieldError } from "./field_errors.js";

/** Show or hide the banner of an element: [data-error], its <p> or itself. @param {HTMLElement} root @param {string} message */
export function showError(root, message) {
  const banner = find(root, "[data-error]");
  (banner.querySelector("p") ?? banner).textContent = message;
  banner.hidden = !message;
  if (message) banner.focus();
}

/** Have a screen reader say something. @param {HTMLElement} root @param {string} message */
export function announce(root, message) {
  const box = root.querySelector("[data-announcement]");
  if (box) box.textContent = message;
}

/** What went wrong, with the field that it is about.
 * @param {HTMLElement} root @param {{message: string, details?: Record<string, any>}} error */
function describeError(root, error) {
  for (const [name, detail] of Object.entries(error.details ?? {})) {
    const message = firstMessage(detail);
    if (!message) continue;
    const label = root.querySelector(`label[for="${CSS.escape(name)}"], label:has([name="${CSS.escape(name)}"])`);
    return `${label?.textContent?.trim() || name}: ${message}`;
  }
  return error.message;
}

/** The first message of the server's checks, which may lie deep in lists and objects.
 * @param {any} detail @returns {string} empty where there is none */
export function firstMessage(detail) {
  if (typeof detail?.message === "string") return detail.message;
  if (typeof detail !== "object" || detail === null) return "";
  return Object.values(detail).map(firstMessage).find(Boolean) ?? "";
}

/** Hide an error that was shown. @param {HTMLElement} root */
export function clearError(root) {
  showError(root, "");
  clearFieldErrors(root);
}

/** Run an action of the page; its error is shown, also beside the field that it is about, and a second press meanwhile does nothing.
 * @param {HTMLElement} root @param {() => Promise<any>} action @returns {Promise<boolean>} whether it succeeded */
export async function attempt(root, action) {
  if (root.ariaBusy === "true") return false;
  root.ariaBusy = "true";
  clearError(root);
  try {
    await action();
    return true;
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    showError(root, describeError(root, error));
    showFieldError(root, error);
    return false;
  } finally {
    root.ariaBusy = "false";
  }
}

/** Copy the text of a field and say so on its button. @param {HTMLInputElement} field @param {HTMLElement} button */
export async function copy(field, button) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // no clipboard outside https
  }
  const before = button.textContent;
  button.textContent = gettext("Copied");
  setTimeout(() => (button.textContent = before), 2000);
}
