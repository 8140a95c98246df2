/** The button that cancels an import, an export or a simulation: asked of the server, then the page tells how it stands. */
import { api } from "../api.js";

/** @param {HTMLButtonElement} button with data-path */
export default function start(button) {
  const problem = Object.assign(document.createElement("p"), { className: "al-error" });
  problem.setAttribute("role", "alert");
  button.after(problem);
  button.addEventListener("click", async () => {
    button.disabled = true;
    problem.textContent = "";
    try {
      await api("POST", String(button.dataset.path));
      location.reload();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      button.disabled = false;
      button.focus(); // it lost it when it was disabled
    }
  });
}
