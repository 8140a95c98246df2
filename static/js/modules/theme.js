/** The button that goes round system, light, dark, and remembers it in this browser. */

const THEMES = ["system", "light", "dark"];
const STORAGE_KEY = "margin:theme";

/** @param {string} name */
function describeTheme(name) {
  if (name === "light") return gettext("Theme: light");
  if (name === "dark") return gettext("Theme: dark");
  return gettext("Theme: as the system");
}

/** @param {HTMLButtonElement} button */
export default function theme(button) {
  const root = document.documentElement;
  const current = () => root.dataset.theme ?? "system";
  const show = () => {
    button.title = describeTheme(current());
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === "system") localStorage.removeItem(STORAGE_KEY);
      else localStorage.setItem(STORAGE_KEY, next);
    } catch {
      // not kept, but it holds for this page
    }
    show();
  });
  show();
  button.hidden = false;
}
