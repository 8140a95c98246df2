/**
 * Text classification: shows a text, gives a button to each label. Value: {"labels": [name]}.
 *
 * What every widget provides: show(row), clear(), press(index), suggest(value | null, score),
 * valueOf(index), describe(value), summary(content, characters).
 */

import { paint } from "../colors.js";

const SUMMARY = 140; // characters

/**
 * @param {object} options
 * @param {HTMLElement} options.reading where the item goes
 * @param {HTMLElement} options.controls where the buttons go
 * @param {{name: string, key: string, color: string, description: string}[]} options.labels
 * @param {(value: object, event: Event) => void} options.answer
 */
export default function textClassification({ reading, controls, labels, answer }) {
  const text = document.createElement("div");
  text.className = "an-text";
  text.dir = "auto";
  reading.append(text);
  const valueOf = (index) => ({ labels: [labels[index].name] });
  const buttons = labels.map((label, index) => {
    const button = labelButton(label);
    button.addEventListener("click", (event) => answer(valueOf(index), event));
    return button;
  });
  controls.append(...buttons);
  arrange(controls, labels.length);

  return {
    show(row) {
      text.textContent = row.item.content.text;
    },
    clear() {
      text.textContent = "";
    },
    valueOf,
    press(index) {
      buttons[index].click();
    },
    /** Mark the label that the model suggests; null takes the mark away. */
    suggest(value, score) {
      labels.forEach((label, index) => {
        const suggested = value?.labels?.[0] === label.name;
        buttons[index].classList.toggle("is-suggested", suggested);
        const note = buttons[index].querySelector(".an-label__note");
        note.textContent = suggested ? suggestionNote(score) : "";
      });
    },
    describe(value) {
      const name = value?.labels?.[0] ?? "";
      return { name, color: labels.find((label) => label.name === name)?.color ?? "" };
    },
    summary(content, most = SUMMARY) {
      return String(content.text ?? "").slice(0, most);
    },
  };
}

/** Rows as even as can be: 9 labels are three times three. */
function arrange(controls, count) {
  controls.classList.toggle("an-labels--several", count > 4 && count <= 9);
  controls.classList.toggle("an-labels--many", count > 9);
  const columns = { 5: 3, 6: 3, 7: 4, 8: 4, 9: 3 }[count];
  if (columns) controls.dataset.columns = String(columns);
}

function labelButton(label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "an-label";
  paint(button, label.color);
  if (label.key) button.setAttribute("aria-keyshortcuts", label.key);
  if (label.description) button.title = label.description;
  const key = document.createElement("span");
  key.className = "an-label__key";
  key.textContent = label.key.toUpperCase();
  key.setAttribute("aria-hidden", "true");
  const name = document.createElement("span");
  name.className = "an-label__name";
  name.textContent = label.name;
  const note = document.createElement("span");
  note.className = "an-label__note";
  button.append(key, name, note);
  return button;
}

function suggestionNote(score) {
  if (score === null || score === undefined) return gettext("suggested");
  return interpolate(gettext("suggested, %s %"), [Math.round(score * 100)]);
}
