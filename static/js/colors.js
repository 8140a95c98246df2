/** Resolve a colour token for those who need a plain colour (charts on a canvas), in the current theme.
 * @param {string} token such as "--label-1" @returns {string} rgb(...) */
export function resolveColor(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
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

/** Give an element a label's colour.
 * @param {HTMLElement} element @param {string} color a token such as "label-3", or a plain "#a1b2c3" */
export function paint(element, color) {
  if (color.startsWith("#")) {
    element.style.setProperty("--color", color);
    element.style.setProperty("--label-ink", inkOn(color));
  } else {
    element.style.removeProperty("--color");
    element.style.removeProperty("--label-ink");
    element.dataset.color = color;
  }
}

/** Black or white, whichever reads better on a colour (WCAG 2.1 relative luminance). @param {string} hex #rrggbb */
export function inkOn(hex) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const channel = parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}
