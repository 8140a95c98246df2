/** A small button in the line below an item, with its key. It is hidden until there is something to do. */

/** @param {string} text @param {string} key as aria-keyshortcuts has it @param {(event: Event) => void} onPress */
export function makeBarButton(text, key, onPress) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "al-button al-button--quiet al-button--small";
  button.setAttribute("aria-keyshortcuts", key);
  const hint = document.createElement("kbd");
  hint.textContent = key === "Delete" ? gettext("del") : key;
  hint.setAttribute("aria-hidden", "true");
  button.append(text, " ", hint);
  button.hidden = true;
  button.addEventListener("click", onPress);
  return button;
}
