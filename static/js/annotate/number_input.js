/**
 * A number of a scale: a field, and a slider that shows where it lies. Both have the same number.
 *
 * Digits that are typed anywhere on the screen go to the field, which then has the focus no more than before: so all
 * keys of the screen go on working. What is typed after a number was rejected replaces it.
 */

import { span } from "../dom.js";
import { formatNumber, NumberScale, parseNumber } from "./number_scale.js";
import { digitOf, meaningOf } from "./shortcuts.js";

export class NumberInput {
  /**
   * @param {HTMLElement} controls where it goes
   * @param {import("../types.js").Scale} scale
   * @param {(event: Event) => void} onSubmit
   */
  constructor(controls, scale, onSubmit) {
    this.scale = new NumberScale(scale);
    /** @type {number|null} from where steps begin while nothing is entered: what the model suggests */
    this.start = null;
    this.isRejected = false; // what is in the field
    controls.classList.add("nu-controls");
    const name = interpolate(gettext("Number from %(low)s to %(high)s"), scale, true);
    this.field = makeInput("text", scale.unit ? `${name} (${scale.unit})` : name, "al-input nu-field");
    this.field.inputMode = scale.low < 0 ? "text" : "decimal"; // keyboards of numbers have no minus on some phones
    this.slider = makeInput("range", gettext("Slider"), "nu-range");
    this.slider.min = String(scale.low);
    this.slider.max = String(scale.high);
    this.slider.step = String(scale.step ?? "any");
    this.error = document.createElement("p");
    this.error.className = "al-error nu-error";
    this.error.id = "number-error";
    this.error.setAttribute("role", "alert");
    this.field.setAttribute("aria-describedby", this.error.id);
    const track = span("nu-slider");
    track.append(span("nu-end", String(scale.low)), this.slider, span("nu-end", String(scale.high)));
    const line = span("nu-line");
    line.append(this.field, span("nu-unit", scale.unit));
    controls.append(line, track, this.error);
    this.listen(onSubmit);
    this.clear();
  }

  /** @param {(event: Event) => void} onSubmit */
  listen(onSubmit) {
    this.field.addEventListener("input", () => this.update());
    this.field.addEventListener("click", () => this.isRejected && this.field.select());
    this.slider.addEventListener("input", () => this.set(this.scale.fromSlider(this.slider.valueAsNumber)));
    this.slider.addEventListener("pointerup", () => this.slider.blur()); // keys are the screen's again
    for (const input of [this.field, this.slider]) {
      input.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        if (event.key === "Enter") {
          event.preventDefault();
          onSubmit(event);
          if (!this.field.value) input.blur();
        } else if (input === this.field && this.handleArrow(event)) event.preventDefault();
      });
    }
  }

  /** Handle a key pressed anywhere on the screen. @param {KeyboardEvent} event */
  handleKey(event) {
    if (this.isTyped(event)) this.write((this.isRejected ? "" : this.field.value) + typedCharacter(event));
    else if (event.key === "Backspace" && this.field.value) this.write(this.field.value.slice(0, -1));
    else return this.handleArrow(event);
    return true;
  }

  /** Digits, and after them whatever means nothing else: what is typed is seen, never half of it.
   * @param {KeyboardEvent} event */
  isTyped(event) {
    if (/^[0-9.,-]$/.test(typedCharacter(event))) return true;
    return Boolean(this.field.value) && !this.isRejected && event.key.length === 1 && !meaningOf(event, []);
  }

  /** @param {KeyboardEvent} event */
  handleArrow(event) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
    const direction = event.key === "ArrowUp" ? 1 : -1;
    this.set(this.scale.move(this.number ?? this.start ?? this.scale.middle, direction, event.shiftKey));
    return true;
  }

  /** From where steps begin while nothing is entered. @param {number|null} number */
  setStart(number) {
    this.start = number;
    this.update();
  }

  /** @param {string} text */
  write(text) {
    this.field.value = text;
    this.update();
  }

  /** Let everything follow the field. */
  update() {
    this.isRejected = false;
    this.error.textContent = "";
    this.field.removeAttribute("aria-invalid");
    const { number } = this;
    this.slider.classList.toggle("is-unset", number === null);
    this.slider.value = String(number ?? this.start ?? this.scale.middle);
  }

  /** @param {number} number */
  set(number) {
    this.write(formatNumber(number));
  }

  clear() {
    this.write("");
  }

  /** What is in the field; null where that is no number. */
  get number() {
    return parseNumber(this.field.value);
  }

  /** The number where it is valid; else null, and an error is shown. */
  read() {
    const error = this.scale.validate(this.field.value);
    if (!error) return this.number;
    this.isRejected = true;
    if (document.activeElement === this.field) this.field.select();
    this.error.textContent = error;
    this.field.setAttribute("aria-invalid", "true");
    return null;
  }
}

/** What a key types; digits of other scripts are 0 to 9. @param {KeyboardEvent} event */
function typedCharacter(event) {
  return /^\p{Nd}$/u.test(event.key) ? digitOf(event) || event.key : event.key;
}

/** @param {"text"|"range"} type @param {string} name @param {string} className */
function makeInput(type, name, className) {
  const input = document.createElement("input");
  input.type = type;
  input.className = className;
  input.autocomplete = "off";
  input.setAttribute("aria-label", name);
  return input;
}
