/** Show where the answers are: a line, marks in the history, banners for what needs a decision. */

import { find } from "../dom.js";
import { describeStatus, drawBanners } from "./status.js";

export class OutboxStatus {
  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {import("./history.js").History} options.history
   * @param {(text: string) => void} options.announce
   * @param {(operation: import("./store.js").Operation) => void} options.onAnswerAgain
   * @param {(operation: import("./store.js").Operation) => void} options.onKeepStored
   */
  constructor(root, { history, announce, onAnswerAgain, onKeepStored }) {
    this.line = find(root, '[data-part="status"]');
    this.banners = find(root, '[data-part="trouble"]');
    this.history = history;
    this.announce = announce;
    this.bannerOptions = {
      describe: (/** @type {any} */ answer) => history.describe([answer]).name,
      onAnswerAgain,
      onKeepStored,
    };
    this.kind = "saved";
    this.announcedKind = "saved";
  }

  /** @param {import("./outbox.js").Outbox} outbox @returns {boolean} whether the last answer was saved just now */
  draw(outbox) {
    const { kind, text } = describeStatus(outbox);
    if (this.line.textContent !== text) this.line.textContent = text;
    if (kind !== "sending" && kind !== this.announcedKind) {
      this.announcedKind = kind; // once when the connection goes, once when all is safe again
      this.announce(text);
    }
    const isSavedNow = this.kind === "sending" && kind === "saved";
    this.kind = kind;
    this.line.dataset.kind = kind;
    const waiting = new Set(outbox.waiting.map(({ uuid }) => uuid));
    this.history.mark(waiting, new Set(outbox.rejected.map(({ uuid }) => uuid)));
    drawBanners(this.banners, outbox, this.bannerOptions);
    return isSavedNow;
  }
}
