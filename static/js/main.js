import { showFlashMessage } from "./flash_message.js";
import { findAll } from "./dom.js";
import { rememberTimeZone } from "./time_zone.js";

// Start the module named by each data-module="name": static/js/modules/<name>.js, default export (element).

/** @param {HTMLElement} element */
async function start(element) {
  for (const name of element.dataset.module?.split(" ") ?? []) {
    const module = await import(`./modules/${name}.js`);
    await module.default(element);
  }
  element.dataset.started = "";
}

for (const element of findAll(document, "[data-module]")) start(element);
showFlashMessage();
rememberTimeZone();
