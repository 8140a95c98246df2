/** One label as a button: its key, its name, its colour, and room for a note. */

import { paint } from "../colors.js";
import { find, span } from "../dom.js";

/** @typedef {import("../types.js").Label} Label */

/**
 * @param {Label} label
 * @param {(event: MouseEvent) => void} onPress
 * @param {boolean} toggle it stays pressed; a pointer leaves it then without the focus, so that Enter sends the answer
 */
export function makeLabelButton(label, onPress, toggle) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "an-label";
  const [key, name, note] = ["key", "name", "note"].map((part) => span(`an-label__${part}`));
  key.setAttribute("aria-hidden", "true");
  name.dir = "auto";
  button.append(key, name, note);
  fillLabelButton(button, label);
  if (toggle) button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", (event) => {
    onPress(event);
    if (toggle && event.detail > 0) button.blur();
  });
  return button;
}

/** Make a button that of another label.
 * @param {HTMLButtonElement} button @param {Label} label
 * @param {{grouped?: boolean}} [options] grouped: it stands below a heading with what its name begins with */
export function fillLabelButton(button, label, { grouped = false } = {}) {
  find(button, ".an-label__key").textContent = label.key.toUpperCase();
  find(button, ".an-label__name").replaceChildren(...nameParts(label.words ?? label.name, grouped));
  button.title = label.description;
  if (label.key) button.setAttribute("aria-keyshortcuts", label.key);
  delete button.dataset.color;
  button.style.removeProperty("--color");
  button.style.removeProperty("--label-ink");
  paint(button, label.color);
}

/** @param {HTMLButtonElement} button @param {string} text */
export function setLabelNote(button, text) {
  find(button, ".an-label__note").textContent = text;
}

/** In a name such as `food/fruit` the parents are quieter, so that the last part is what the eye finds.
 * @param {string} name @param {boolean} grouped */
function nameParts(name, grouped) {
  const cut = name.lastIndexOf("/") + 1;
  if (cut <= 1 || cut === name.length) return [name];
  const parents = span(grouped ? "al-hidden-visually" : "an-label__above", name.slice(0, cut));
  return [parents, name.slice(cut)];
}
