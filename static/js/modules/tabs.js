// The tabs of a project: where they do not fit, the current one is scrolled into sight.

/** @param {HTMLElement} tabs */
export default function start(tabs) {
  const current = /** @type {HTMLElement | null} */ (tabs.querySelector("[aria-current]"));
  if (current) tabs.scrollLeft = current.offsetLeft + current.offsetWidth / 2 - tabs.clientWidth / 2;
}
