/** A sentence that outlives the page: said on the one that comes next, or on this one when it is loaded again. */

const KEY = "margin-carried";

/** Say that something is done, where it is seen and heard.
 * @param {string} message @param {string} [below] id of the heading under which it is said; else on top of the page */
export function sayDone(message, below) {
  const banner = document.createElement("div");
  banner.className = "al-banner al-banner--success";
  banner.setAttribute("role", "status");
  banner.tabIndex = -1;
  banner.append(Object.assign(document.createElement("p"), { textContent: message }));
  const heading = below && document.getElementById(below);
  if (heading) heading.after(banner);
  else document.querySelector("main").prepend(banner);
  banner.focus(); // brings it in sight
}

/** Have it said on the next page. @param {string} message @param {string} [below] as for sayDone */
export function carry(message, below) {
  sessionStorage.setItem(KEY, JSON.stringify([message, below]));
}

/** Say what the page before left to say, once. */
export function sayCarried() {
  const carried = sessionStorage.getItem(KEY);
  if (!carried) return;
  sessionStorage.removeItem(KEY);
  sayDone(...JSON.parse(carried));
}
