/**
 * A button for each label: what a widget's labels look like, whatever pressing one means.
 *
 * From twelve labels on there is a field to find one by typing: `/` goes there, Enter presses the first that fits.
 */

import { paint } from "../colors.js";

const MANY = 12;

export class LabelButtons {
  /**
   * @param {HTMLElement} controls where they go
   * @param {{name: string, key: string, color: string, description: string}[]} labels
   * @param {(index: number, event: Event) => void} press
   * @param {{toggle?: boolean}} [options] toggle: a button stays pressed
   */
  constructor(controls, labels, press, { toggle = false } = {}) {
    this.labels = labels;
    this.toggle = toggle;
    this.buttons = labels.map((label, index) => {
      const button = labelButton(label);
      if (toggle) button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", (event) => press(index, event));
      return button;
    });
    if (labels.length > MANY) controls.append(this.makeFilter(press));
    controls.append(...this.buttons);
    arrange(controls, labels.length);
  }

  makeFilter(press) {
    const input = document.createElement("input");
    input.type = "search";
    input.className = "al-input an-filter";
    input.placeholder = gettext("Find a label (/)");
    input.setAttribute("aria-label", gettext("Find a label"));
    input.setAttribute("aria-keyshortcuts", "/");
    input.autocomplete = "off";
    input.addEventListener("input", () => this.narrow());
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") {
        const first = this.buttons.findIndex((button) => !button.hidden);
        event.preventDefault();
        if (first < 0 || !input.value.trim()) return;
        this.leaveFilter(!this.toggle);
        press(first, event);
      } else if (event.key === "Escape") {
        event.stopPropagation();
        this.leaveFilter(true);
      }
    });
    this.filter = input;
    return input;
  }

  /** Go to the field; false where there is none. */
  find() {
    this.filter?.focus();
    return Boolean(this.filter);
  }

  leaveFilter(away) {
    this.filter.value = "";
    this.narrow();
    if (away) this.filter.blur();
  }

  narrow() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let first = true;
    this.labels.forEach((label, index) => {
      const name = label.name.toLowerCase();
      const fits = words.every((word) => name.includes(word));
      this.buttons[index].hidden = !fits;
      this.buttons[index].classList.toggle("is-first", fits && first && words.length > 0);
      if (fits) first = false;
    });
  }

  /** Press the labels of these names, and no others. @param {Iterable<string>} names */
  set(names) {
    const given = new Set(names);
    this.labels.forEach((label, index) => this.buttons[index].setAttribute("aria-pressed", String(given.has(label.name))));
  }

  /** Names of the pressed ones. */
  get given() {
    return this.labels.filter((_label, index) => this.isPressed(index)).map((label) => label.name);
  }

  isPressed(index) {
    return this.buttons[index].getAttribute("aria-pressed") === "true";
  }

  flip(index) {
    this.buttons[index].setAttribute("aria-pressed", String(!this.isPressed(index)));
  }

  /** Mark what the model suggests. @param {string[]} names @param {number|null} [score] */
  suggest(names, score) {
    this.labels.forEach((label, index) => {
      const suggested = names.includes(label.name);
      this.buttons[index].classList.toggle("is-suggested", suggested);
      this.buttons[index].querySelector(".an-label__note").textContent = suggested ? suggestionNote(score) : "";
    });
  }
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
  const note = document.createElement("span");
  note.className = "an-label__note";
  button.append(key, labelName(label.name), note);
  return button;
}

/** A name such as `food/fruit`: what is above it is quieter, so that the last part is what the eye finds. */
function labelName(name) {
  const whole = document.createElement("span");
  whole.className = "an-label__name";
  const cut = name.lastIndexOf("/") + 1;
  if (cut > 1 && cut < name.length) {
    const above = document.createElement("span");
    above.className = "an-label__above";
    above.textContent = name.slice(0, cut);
    whole.append(above);
  }
  whole.append(cut > 1 && cut < name.length ? name.slice(cut) : name);
  return whole;
}

function suggestionNote(score) {
  if (score === null || score === undefined) return gettext("suggested");
  return interpolate(gettext("suggested, %s %"), [Math.round(score * 100)]);
}
