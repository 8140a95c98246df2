/** The item of a widget whose item is a text. */

const MAX_SUMMARY_CHARACTERS = 140;

/** @param {HTMLElement} reading where the item goes */
export function makeText(reading) {
  const text = document.createElement("div");
  text.className = "an-text";
  text.dir = "auto";
  reading.append(text);
  return text;
}

/** The beginning of a text. @param {{text?: string}} content @param {number} [maxLength] */
export function summary(content, maxLength = MAX_SUMMARY_CHARACTERS) {
  return String(content.text ?? "").slice(0, maxLength);
}
