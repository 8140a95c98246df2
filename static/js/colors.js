/** Resolve a colour token for those who need a plain colour (charts on a canvas), in the theme of the moment.
 * @param {string} name such as "--tone-1" @returns {string} rgb(...) */
export function color(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  probe.hidden = true;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Call back when the theme changes, by the switch or by the system. @param {() => void} callback */
export function onThemeChange(callback) {
  new MutationObserver(callback).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
}
