/** A small button in the line below an item, with its key. It is hidden until there is something to do. */

/** @param {string} words @param {string} key as aria-keyshortcuts has it @param {(event: Event) => void} press */
export function barButton(words, key, press) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "al-button al-button--quiet al-button--small";
  button.setAttribute("aria-keyshortcuts", key);
  const hint = document.createElement("kbd");
  hint.textContent = key === "Delete" ? gettext("del") : key;
  hint.setAttribute("aria-hidden", "true");
  button.append(words, " ", hint);
  button.hidden = true;
  button.addEventListener("click", press);
  return button;
}
