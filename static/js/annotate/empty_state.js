/** What the screen shows where it has no item: why there is none. */

import { ApiError, messageOf } from "../api.js";
import { find, findAll, localized } from "../dom.js";
import { describeLostProject } from "./status.js";

const BLOCKING_STATUSES = [401, 404]; // signed out, or another user signed in; not in the project any more

/** @typedef {"loading"|"items"|"done"|"paused"|"labels"|"stopped"|"offline"} EmptyReason */

export class EmptyState {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.boxes = findAll(root, "[data-empty]");
    this.stopped = find(root, '[data-part="stopped"]');
    this.paused = find(root, '[data-part="paused"]');
    this.skippedButton = find(root, '[data-part="skipped"]');
    /** @type {""|"offline"|"stopped"} why the last refill failed */
    this.error = "";
  }

  /** @param {""|"offline"|"stopped"} error @param {string} [message] */
  setError(error, message = "") {
    this.error = error;
    if (error === "stopped") this.stopped.textContent = message;
  }

  /** Why no items came.
   * @param {unknown} error @returns {ApiError|null} the error where the server will not take answers either */
  explainFailure(error) {
    if (!(error instanceof ApiError)) {
      this.setError("stopped", messageOf(error));
      return null;
    }
    const isLost = error.status === 404;
    this.setError(error.isTransient ? "offline" : "stopped", isLost ? describeLostProject(error) : error.message);
    return BLOCKING_STATUSES.includes(error.status) ? error : null;
  }

  /** @param {EmptyReason} reason */
  show(reason) {
    this.root.dataset.state = "empty";
    for (const box of this.boxes) box.hidden = box.dataset.empty !== reason;
  }

  /** There is a server and it has nothing: because of a pause, or because all is done.
   * @param {import("./progress.js").Progress} progress */
  showNothingLeft({ pausedReason, hasItems, skipped }) {
    this.paused.textContent = pausedReason;
    const text = ngettext("You skipped %s: look at it again", "You skipped %s: look at them again", skipped);
    this.skippedButton.textContent = interpolate(text, [localized(skipped)]);
    this.skippedButton.hidden = !skipped;
    if (pausedReason) this.show("paused");
    else this.show(hasItems ? "done" : "items");
  }
}
