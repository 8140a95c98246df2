/**
 * A number between two ends: a field, and a slider that shows where it lies. Both say the same.
 *
 * Digits that are typed anywhere on the screen go to the field, which then has the focus no more than before: so all
 * keys of the screen go on working. What is typed after a number was refused takes its place.
 */

import { meaning } from "./shortcuts.js";

const GRAINS = 1000; // about as many numbers as a slider has pixels
const FAR = 10; // steps with shift

export class NumberInput {
  /**
   * @param {HTMLElement} controls where it goes
   * @param {{low: number, high: number, step: number|null, unit: string}} scale
   * @param {(event: Event) => void} submit
   */
  constructor(controls, scale, submit) {
    this.scale = scale;
    this.start = null; // from where steps begin while nothing is given: what the model suggests
    this.grain = roundNumber((scale.high - scale.low) / GRAINS);
    this.step = scale.step ?? FAR * this.grain;
    this.refused = false; // what stands in the field
    controls.classList.add("nu-controls");
    const name = interpolate(gettext("Number from %(low)s to %(high)s"), scale, true);
    this.field = makeInput("text", scale.unit ? `${name} (${scale.unit})` : name, "al-input nu-field");
    this.field.inputMode = scale.low < 0 ? "text" : "decimal"; // keyboards of numbers have no minus on some phones
    this.slider = makeInput("range", gettext("Slider"), "nu-range");
    Object.assign(this.slider, { min: scale.low, max: scale.high, step: scale.step ?? "any" });
    this.error = document.createElement("p");
    this.error.className = "al-error nu-error";
    this.error.id = "number-error";
    this.error.setAttribute("role", "alert");
    this.field.setAttribute("aria-describedby", this.error.id);
    const unit = span("nu-unit", scale.unit);
    const track = span("nu-slider", "");
    track.append(span("nu-end", String(scale.low)), this.slider, span("nu-end", String(scale.high)));
    const line = span("nu-line", "");
    line.append(this.field, unit);
    controls.append(line, track, this.error);
    this.listen(submit);
    this.clear();
  }

  listen(submit) {
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("click", () => this.refused && this.field.select());
    this.slider.addEventListener("input", () => this.set(this.slid(this.slider.valueAsNumber)));
    this.slider.addEventListener("pointerup", () => this.slider.blur()); // keys are the screen's again
    for (const input of [this.field, this.slider]) {
      input.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        if (event.key === "Enter") {
          event.preventDefault();
          submit(event);
          if (!this.field.value) input.blur();
        } else if (input === this.field && this.steps(event)) event.preventDefault();
      });
    }
  }

  /** A key pressed anywhere on the screen; whether it was meant for the number. @param {KeyboardEvent} event */
  key(event) {
    if (this.isWritten(event)) this.write((this.refused ? "" : this.field.value) + event.key);
    else if (event.key === "Backspace" && this.field.value) this.write(this.field.value.slice(0, -1));
    else return this.steps(event);
    return true;
  }

  /** Digits, and after them whatever means nothing else: what is typed is seen, never half of it. */
  isWritten(event) {
    if (/^[0-9.,-]$/.test(event.key)) return true;
    return Boolean(this.field.value) && !this.refused && event.key.length === 1 && !meaning(event, []);
  }

  steps(event) {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!way) return false;
    const from = this.number ?? this.start ?? (this.scale.low + this.scale.high) / 2;
    this.set(this.nearest(from + way * this.step * (event.shiftKey ? FAR : 1)));
    return true;
  }

  /** Where the slider stands, no finer than a hand can mean. @param {number} number */
  slid(number) {
    if (this.scale.step !== null) return number;
    return this.nearest(Math.round(number / this.grain) * this.grain);
  }

  /** The number of the scale that is nearest. */
  nearest(number) {
    const { low, high, step } = this.scale;
    const inside = Math.min(Math.max(number, low), high);
    if (step === null) return Number(inside.toPrecision(6));
    const count = Math.min(Math.round((inside - low) / step), Math.floor((high - low) / step + 1e-6));
    return Number((low + count * step).toPrecision(12));
  }

  /** From where steps begin while nothing is given. @param {number|null} number */
  begin(number) {
    this.start = number;
    this.typed();
  }

  write(text) {
    this.field.value = text;
    this.typed();
  }

  typed() {
    this.refused = false;
    this.error.textContent = "";
    this.field.removeAttribute("aria-invalid");
    const { number } = this;
    this.slider.classList.toggle("is-unset", number === null);
    this.slider.value = String(number ?? this.start ?? (this.scale.low + this.scale.high) / 2);
  }

  set(number) {
    this.write(String(Number(number.toPrecision(12))));
  }

  clear() {
    this.write("");
  }

  /** What stands in the field; null where that is no number. */
  get number() {
    const text = this.field.value.trim().replace(",", ".");
    const number = Number(text);
    return text && Number.isFinite(number) ? number : null;
  }

  /** The number, if it may be given; else null, and why is said. */
  read() {
    const { number } = this;
    const why = this.fault(number);
    if (!why) return number;
    this.refused = true;
    if (document.activeElement === this.field) this.field.select();
    this.error.textContent = why;
    this.field.setAttribute("aria-invalid", "true");
    return null;
  }

  fault(number) {
    const { low, high, step } = this.scale;
    if (number === null) {
      return this.field.value.trim() ? gettext("That is no number.") : gettext("Give a number first.");
    }
    if (number < low || number > high) {
      return interpolate(gettext("The number has to be from %(low)s to %(high)s."), { low, high }, true);
    }
    if (step !== null && Math.abs(this.nearest(number) - number) > 1e-6 * step) {
      return interpolate(gettext("Only every step of %(step)s from %(low)s on can be given."), { step, low }, true);
    }
    return "";
  }
}

/** The power of ten that is nearest. */
function roundNumber(number) {
  return 10 ** Math.round(Math.log10(number));
}

function makeInput(type, name, className) {
  const input = document.createElement("input");
  input.type = type;
  input.className = className;
  input.autocomplete = "off";
  input.setAttribute("aria-label", name);
  return input;
}

function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}
