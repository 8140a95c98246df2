// Runs in the head before the first paint, so it is a classic script: no flash of the other theme.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("margin:theme");
  } catch {
    // storage is forbidden: follow the system
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
