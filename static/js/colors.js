/** Resolve a colour token for those who need a plain colour (charts on a canvas), in the theme of the moment.
 * @param {string} name such as "--label-1" @returns {string} rgb(...) */
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

/** Give an element a label's colour: a token such as "label-3", or a plain "#a1b2c3".
 * @param {HTMLElement} element @param {string} name */
export function paint(element, name) {
  if (name.startsWith("#")) {
    element.style.setProperty("--color", name);
    element.style.setProperty("--label-ink", inkOn(name));
  } else {
    element.style.removeProperty("--color");
    element.style.removeProperty("--label-ink");
    element.dataset.color = name;
  }
}

/** Black or white, whichever reads better on a colour (WCAG relative luminance). @param {string} hex */
function inkOn(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}
