/** One label as a button: its key, its name, its colour, and room for a note. */

import { paint } from "../colors.js";

/** @typedef {{name: string, words?: string, key: string, color: string, description: string}} Label words: what people read, where it is not the name */

/**
 * @param {Label} label
 * @param {(event: Event) => void} press
 * @param {boolean} toggle it stays pressed; a pointer leaves it then without the focus, so that Enter sends the answer
 */
export function labelButton(label, press, toggle) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "an-label";
  const [key, name, note] = ["key", "name", "note"].map((part) => {
    const span = document.createElement("span");
    span.className = `an-label__${part}`;
    return span;
  });
  key.setAttribute("aria-hidden", "true");
  name.dir = "auto";
  button.append(key, name, note);
  fillLabel(button, label);
  if (toggle) button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", (event) => {
    press(event);
    if (toggle && event.detail > 0) button.blur();
  });
  return button;
}

/** Make a button that of another label. @param {HTMLElement} button @param {Label} label @param {{under?: boolean}} [options] under: it stands below what its name begins with */
export function fillLabel(button, label, { under = false } = {}) {
  const [key, name] = button.children;
  key.textContent = label.key.toUpperCase();
  name.replaceChildren(...nameParts(label.words ?? label.name, under));
  button.title = label.description;
  if (label.key) button.setAttribute("aria-keyshortcuts", label.key);
  delete button.dataset.color;
  button.style.removeProperty("--color");
  button.style.removeProperty("--label-ink");
  paint(button, label.color);
}

/** A name such as `food/fruit`: what is above it is quieter, so that the last part is what the eye finds. */
function nameParts(name, under) {
  const cut = name.lastIndexOf("/") + 1;
  if (cut <= 1 || cut === name.length) return [name];
  const above = document.createElement("span");
  above.className = under ? "al-hidden-visually" : "an-label__above";
  above.textContent = name.slice(0, cut);
  return [above, name.slice(cut)];
}
