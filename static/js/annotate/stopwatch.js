/** Seconds spent with an item on a page that was visible. */
export class Stopwatch {
  constructor() {
    this.passedMs = 0;
    this.startedAt = 0; // 0: stopped
    document.addEventListener("visibilitychange", () => (document.hidden ? this.stop() : this.start()));
  }

  restart() {
    this.passedMs = 0;
    this.startedAt = 0;
    if (!document.hidden) this.start();
  }

  start() {
    this.startedAt = performance.now();
  }

  stop() {
    if (this.startedAt) this.passedMs += performance.now() - this.startedAt;
    this.startedAt = 0;
  }

  /** To a tenth; at most a day. */
  get seconds() {
    const runningMs = this.startedAt ? performance.now() - this.startedAt : 0;
    return Math.min(86_400, Math.round((this.passedMs + runningMs) / 100) / 10);
  }
}
