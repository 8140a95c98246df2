/** Numbers and times in the reader's language and time zone. */

import { pageTimeZone } from "../time_zone.js";

const language = document.documentElement.lang || "en";
const plain = new Intl.NumberFormat(language);
const short = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });
const twoDecimals = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const timeZone = pageTimeZone();
const timeOfDay = new Intl.DateTimeFormat(language, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
  timeZone,
});
const dayOfYear = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone });
const hourOfDay = new Intl.DateTimeFormat(language, { hour: "numeric", timeZone });
const percents = [0, 1].map(
  (digits) =>
    new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const MAX_SECONDS = 90; // above they are told in minutes

/**
 * @typedef {{low: number, high: number}} Bounds
 * @typedef {{lower_is_better: boolean}} Unit of a measure
 */

/** @param {number} value */
export const number = (value) => plain.format(value);

/** @param {number} value @param {0|1} [digits] */
export const percent = (value, digits = 1) => percents[digits].format(value);

/** @param {string} iso */
export const hour = (iso) => hourOfDay.format(new Date(iso));

/** A 95 % interval: "89.6% to 95.4%". @param {Bounds} bounds @param {0|1} [digits] */
export function interval({ low, high }, digits = 1) {
  return joinInterval(percent(low, digits), percent(high, digits));
}

/** The value of a measure: in percent, or in the units of the answers. @param {number} value @param {Unit} unit @param {0|1} [digits] */
export function measured(value, unit, digits = 1) {
  if (!unit.lower_is_better) return percent(value, digits);
  return (Math.abs(value) < 0.1 ? short : twoDecimals).format(value);
}

/** Its 95 % interval. @param {Bounds} bounds @param {Unit} unit */
export function measuredInterval({ low, high }, unit) {
  return joinInterval(measured(low, unit), measured(high, unit));
}

/** @param {string} from @param {string} to */
function joinInterval(from, to) {
  return interpolate(gettext("%(from)s to %(to)s"), { from, to }, true);
}

/** The time of day, with the date unless it is today. @param {string} iso */
export function time(iso) {
  const date = new Date(iso);
  const text = timeOfDay.format(date);
  return dayOfYear.format(date) === dayOfYear.format(new Date()) ? text : `${dayOfYear.format(date)}, ${text}`;
}

/** Seconds to two significant digits, minutes when there are many. @param {number|null|undefined} seconds */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < MAX_SECONDS) {
    const count = seconds >= 10 ? number(Math.round(seconds)) : short.format(seconds);
    return interpolate(gettext("%(count)s s"), { count }, true);
  }
  return interpolate(gettext("%(count)s min"), { count: number(Math.round(seconds / 60)) }, true);
}
