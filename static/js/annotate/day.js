/** Days as a person has them: from midnight to midnight in their time zone. */

/** The day of a moment, such as `2026-11-30`. @param {Date} moment @param {string} timeZone as `Europe/Berlin` */
export function dayOf(moment, timeZone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    moment,
  );
}
