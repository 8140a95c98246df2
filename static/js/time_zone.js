/** The reader's time zone. The server is told that of the browser by a cookie, and says on each page which one counts. */

const MAX_AGE_SECONDS = 31_536_000;

/** @returns {string} such as `Europe/Berlin` */
export function browserTimeZone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** Tell the server, from the next page on. */
export function rememberTimeZone() {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `time_zone=${browserTimeZone()}; path=/; max-age=${MAX_AGE_SECONDS}; SameSite=Lax${secure}`;
}

/** The one that the times on this page are in: the person's setting, else the browser's. */
export function pageTimeZone() {
  return document.documentElement.dataset.timeZone || browserTimeZone();
}
