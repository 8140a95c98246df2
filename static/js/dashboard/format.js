/** Numbers and times in the reader's language. */

const lang = document.documentElement.lang || "en";
const plain = new Intl.NumberFormat(lang);
const short = new Intl.NumberFormat(lang, { maximumSignificantDigits: 2 });
const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric" });
const hours = new Intl.DateTimeFormat(lang, { hour: "numeric" });
const percents = [0, 1].map(
  (digits) => new Intl.NumberFormat(lang, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

export const number = (value) => plain.format(value);
export const percent = (value, digits = 1) => percents[digits].format(value);
export const hour = (iso) => hours.format(new Date(iso));

/** A 95 % interval: "89.6% to 95.4%". */
export function interval({ low, high }, digits = 1) {
  const [from, to] = [low, high].map((value) => percent(value, digits));
  return interpolate(gettext("%(from)s to %(to)s"), { from, to }, true);
}

const points = new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** A figure of a measure as text: a share in percent, or in points of the scale of the answers. */
export const written = (value, measure, digits = 1) => (measure?.lower_is_better ? (Math.abs(value) < 0.1 ? short : points).format(value) : percent(value, digits));

/** Its 95 % interval. */
export function range({ low, high }, measure) {
  const [from, to] = [low, high].map((value) => written(value, measure));
  return interpolate(gettext("%(from)s to %(to)s"), { from, to }, true);
}

/** A moment: the time of day, with the date unless it is today. */
export function moment(iso) {
  const date = new Date(iso);
  const time = clock.format(date);
  return date.toDateString() === new Date().toDateString() ? time : `${day.format(date)}, ${time}`;
}

/** Seconds to two significant digits, minutes when there are many. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 90) return interpolate(gettext("%(count)s s"), { count: seconds >= 10 ? number(Math.round(seconds)) : short.format(seconds) }, true);
  return interpolate(gettext("%(count)s min"), { count: number(Math.round(seconds / 60)) }, true);
}
