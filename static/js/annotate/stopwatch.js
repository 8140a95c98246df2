/**
 * Seconds spent with an item: those in which the page was visible, and those of them in which the person was active.
 *
 * Whoever reads touches the mouse, scrolls or presses a key now and then. Without any of it for IDLE_LIMIT_MS the
 * active time stops until the next input: a page that was left open over lunch did not work for two hours.
 */

const IDLE_LIMIT_MS = 60_000;
const MAX_SECONDS = 86_400;
const INPUT_EVENTS = ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchmove", "input"];

/** @typedef {{duration_seconds: number, active_seconds: number}} TimeSpent as the API takes it */

export class Stopwatch {
  constructor() {
    this.visibleMs = 0;
    this.activeMs = 0;
    this.startedAt = 0; // since when the page is visible; 0: stopped
    this.inputAt = 0; // up to when both are counted
    document.addEventListener("visibilitychange", () => (document.hidden ? this.stop() : this.start()));
    const options = { capture: true, passive: true };
    for (const type of INPUT_EVENTS) document.addEventListener(type, () => this.countInput(), options);
  }

  restart() {
    this.visibleMs = 0;
    this.activeMs = 0;
    this.startedAt = 0;
    if (!document.hidden) this.start();
  }

  start() {
    this.startedAt = this.inputAt = performance.now();
  }

  stop() {
    if (!this.startedAt) return;
    this.countInput();
    this.visibleMs += performance.now() - this.startedAt;
    this.startedAt = 0;
  }

  countInput() {
    if (!this.startedAt) return;
    this.activeMs += this.msSinceInput;
    this.inputAt = performance.now();
  }

  /** Active milliseconds since the last input. */
  get msSinceInput() {
    return this.startedAt ? Math.min(IDLE_LIMIT_MS, performance.now() - this.inputAt) : 0;
  }

  /** The time for one answer of so many that were given together; each at most a day. @returns {TimeSpent} */
  share(answers = 1) {
    const count = Math.max(1, answers);
    const runningMs = this.startedAt ? performance.now() - this.startedAt : 0;
    return {
      duration_seconds: toSeconds((this.visibleMs + runningMs) / count),
      active_seconds: toSeconds((this.activeMs + this.msSinceInput) / count),
    };
  }
}

/** To a tenth. @param {number} ms */
function toSeconds(ms) {
  return Math.min(MAX_SECONDS, Math.round(ms / 100) / 10);
}
