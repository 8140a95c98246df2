/**
 * The labels that the model finds likeliest for an item, before all the others and with the digits.
 *
 * From the first item on that a model has ranked labels for, their buttons keep their room where nothing is known or told
 * of one, so that nothing moves; the digits do nothing then, lest a person used to them give a label that happens to be
 * there, and a line says so. On a phone, where room is dear, the line keeps the first row alone.
 */

import { digitOf } from "./shortcuts.js";
import { fillLabel, labelButton } from "./label_button.js";

const NOBODY = { name: "", color: "label-8", description: "" };

export class LikelyLabels {
  /**
   * @param {HTMLElement} place
   * @param {{labels: object[], most: number, press: (index: number, event: Event) => void, toggle: boolean}} options
   */
  constructor(place, { labels, most, press, toggle }) {
    this.labels = labels;
    this.press = press;
    this.places = new Map(labels.map(({ name }, index) => [name, index]));
    this.shown = []; // places of labels
    const box = document.createElement("div");
    box.className = "an-likely";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", gettext("Likeliest labels"));
    this.buttons = Array.from({ length: most }, (_, n) =>
      labelButton({ ...NOBODY, key: String(n + 1) }, (event) => this.press(this.shown[n], event), toggle),
    );
    box.append(...this.buttons, nothingLikely());
    box.hidden = true;
    this.box = box;
    place.append(box);
  }

  /** @param {{label: string, score: number}[]} likely @param {(index: number) => boolean} isPressed */
  show(likely, isPressed) {
    const known = likely.filter(({ label }) => this.places.has(label)); // one may have been retired meanwhile
    this.shown = known.slice(0, this.buttons.length).map(({ label }) => this.places.get(label));
    if (this.shown.length) this.box.hidden = false;
    this.box.classList.toggle("is-none", !this.shown.length);
    this.buttons.forEach((button, n) => {
      const index = this.shown[n];
      button.classList.toggle("is-absent", index === undefined);
      fillLabel(button, { ...(this.labels[index] ?? NOBODY), key: String(n + 1) });
      button.querySelector(".an-label__note").textContent =
        index === undefined ? "" : `${Math.round(known[n].score * 100)} %`;
      if (index !== undefined) this.mark(index, isPressed(index));
    });
  }

  /** @param {number} index of a label @param {boolean} pressed */
  mark(index, pressed) {
    const button = this.buttons[this.shown.indexOf(index)];
    if (button?.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(pressed));
  }

  /** @param {Set<string>} names */
  suggest(names) {
    this.buttons.forEach((button, n) =>
      button.classList.toggle("is-suggested", names.has(this.labels[this.shown[n]]?.name)),
    );
  }

  /** Take a digit. @param {KeyboardEvent} event */
  key(event) {
    const place = Number(digitOf(event)) - 1;
    if (!this.buttons[place]) return false;
    const index = this.shown[place];
    if (index !== undefined && !event.repeat) this.press(index, event);
    return true;
  }
}

/** What stands there for an item without any: words for keys, and words for a finger. */
function nothingLikely() {
  const line = document.createElement("p");
  line.className = "an-likely__none";
  const said = {
    "al-by-keys": gettext("No suggestions for this item: type / to find a label."),
    "al-by-touch": gettext("No suggestions for this item: find a label below."),
  };
  for (const [className, words] of Object.entries(said)) {
    const span = document.createElement("span");
    span.className = className;
    span.textContent = words;
    line.append(span);
  }
  return line;
}
