/** The numbers of a scale: what may be answered, which is nearest, how far a step goes. */

/** @typedef {import("../types.js").Scale} Scale */

const SLIDER_POSITIONS = 1000; // about as many numbers as a slider has pixels
const LARGE_STEP = 10; // steps, with shift
const ROUNDING_ERROR = 1e-6; // of a step

/** A number as text without the noise of binary fractions. @param {number} number */
export const formatNumber = (number) => String(Number(number.toPrecision(12)));

/** The number that a text says, with a comma or a point; null where it is none. @param {string} text */
export function parseNumber(text) {
  const plain = text.trim().replace(",", ".");
  const number = Number(plain);
  return plain && Number.isFinite(number) ? number : null;
}

export class NumberScale {
  /** @param {Scale} scale */
  constructor({ low, high, step, unit }) {
    this.low = low;
    this.high = high;
    this.step = step;
    this.unit = unit;
    /** The power of ten that is nearest to one position of the slider. */
    this.grain = 10 ** Math.round(Math.log10((high - low) / SLIDER_POSITIONS));
  }

  get middle() {
    return (this.low + this.high) / 2;
  }

  /** The number of the scale that is nearest. @param {number} number */
  nearest(number) {
    const { low, high, step } = this;
    const inside = Math.min(Math.max(number, low), high);
    if (step === null) return Number(inside.toPrecision(6));
    const count = Math.min(Math.round((inside - low) / step), Math.floor((high - low) / step + ROUNDING_ERROR));
    return Number((low + count * step).toPrecision(12));
  }

  /** Where the slider stands, no finer than a hand can mean. @param {number} number */
  fromSlider(number) {
    return this.step === null ? this.nearest(Math.round(number / this.grain) * this.grain) : number;
  }

  /** The number some steps further. @param {number} from @param {1|-1} direction @param {boolean} large */
  move(from, direction, large) {
    const step = this.step ?? LARGE_STEP * this.grain;
    return this.nearest(from + direction * step * (large ? LARGE_STEP : 1));
  }

  /** What is wrong with a text as an answer; empty where nothing is. @param {string} text */
  validate(text) {
    const { low, high, step } = this;
    const number = parseNumber(text);
    if (number === null) return text.trim() ? gettext("That is no number.") : gettext("Give a number first.");
    if (number < low || number > high) {
      return interpolate(gettext("The number has to be from %(low)s to %(high)s."), { low, high }, true);
    }
    if (step !== null && Math.abs(this.nearest(number) - number) > ROUNDING_ERROR * step) {
      return interpolate(gettext("Only every step of %(step)s from %(low)s on can be given."), { step, low }, true);
    }
    return "";
  }
}
