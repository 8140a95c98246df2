/** Show how the guidelines will look, as the server renders them. */

import { api } from "../api.js";
import { find } from "../dom.js";

const TYPING_PAUSE_MS = 400; // before the server is asked

/** @param {HTMLElement} root */
export default function guidelinesEditor(root) {
  const textarea = find(root, "textarea", HTMLTextAreaElement);
  const details = find(root, "details", HTMLDetailsElement);
  const preview = find(root, "[data-preview]");
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let shown = textarea.value;

  async function update() {
    if (!details.open || textarea.value === shown) return;
    const text = textarea.value;
    const { html } = await api("POST", "guidelines/preview/", { text });
    if (text !== textarea.value) return;
    preview.innerHTML = html; // the server has cleaned it
    shown = text;
  }
  const updateQuietly = () => update().catch(() => {}); // the next key tries again

  textarea.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(updateQuietly, TYPING_PAUSE_MS);
  });
  details.addEventListener("toggle", updateQuietly);
}
