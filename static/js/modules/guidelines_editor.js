/** Show how the guidelines will look, as the server renders them. */
import { api } from "../api.js";

const PAUSE = 400; // ms without a key before asking the server

/** @param {HTMLElement} root */
export default function guidelinesEditor(root) {
  const text = root.querySelector("textarea");
  const details = root.querySelector("details");
  const preview = root.querySelector("[data-preview]");
  let timer = 0;
  let shown = text.value;

  async function show() {
    if (!details.open || text.value === shown) return;
    const asked = text.value;
    const { html } = await api("POST", "guidelines/preview/", { text: asked });
    if (asked !== text.value) return;
    preview.innerHTML = html; // the server has cleaned it
    shown = asked;
  }
  const quietly = () => show().catch(() => {}); // the next key tries again

  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(quietly, PAUSE);
  });
  details.addEventListener("toggle", quietly);
}
