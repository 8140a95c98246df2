// Runs in the head before the first paint, so it is a classic script: no flash of the other theme.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("margin:theme");
  } catch {
    // storage is forbidden: follow the system
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
