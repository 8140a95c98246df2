/** The button that goes round system, light, dark, and remembers it in this browser. */

const ORDER = ["system", "light", "dark"];

function names() {
  return { system: gettext("Theme: as the system"), light: gettext("Theme: light"), dark: gettext("Theme: dark") };
}

/** @param {HTMLButtonElement} button */
export default function theme(button) {
  const root = document.documentElement;
  const now = () => root.dataset.theme ?? "system";
  const show = () => {
    button.setAttribute("aria-label", names()[now()]);
    button.title = names()[now()];
  };
  button.addEventListener("click", () => {
    const next = ORDER[(ORDER.indexOf(now()) + 1) % ORDER.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === "system") localStorage.removeItem("margin:theme");
      else localStorage.setItem("margin:theme", next);
    } catch {
      // not kept, but it holds for this page
    }
    show();
  });
  show();
  button.hidden = false;
}
