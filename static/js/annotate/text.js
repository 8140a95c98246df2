/** The item of a widget whose item is a text. */

const SUMMARY = 140; // characters

/** @param {HTMLElement} reading where the item goes */
export function makeText(reading) {
  const text = document.createElement("div");
  text.className = "an-text";
  text.dir = "auto";
  reading.append(text);
  return text;
}

/** The beginning of a text. @param {{text?: string}} content */
export function summary(content, most = SUMMARY) {
  return String(content.text ?? "").slice(0, most);
}
