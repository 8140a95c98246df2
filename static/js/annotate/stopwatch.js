/** Seconds spent with an item on a page that was in sight. */
export class Stopwatch {
  constructor() {
    this.passed = 0;
    this.since = 0;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.stop() : this.go()));
  }

  restart() {
    this.passed = 0;
    this.since = 0;
    if (!document.hidden) this.go();
  }

  go() {
    this.since = performance.now();
  }

  stop() {
    if (this.since) this.passed += performance.now() - this.since;
    this.since = 0;
  }

  /** To a tenth; at most a day. */
  get seconds() {
    const running = this.since ? performance.now() - this.since : 0;
    return Math.min(86_400, Math.round((this.passed + running) / 100) / 10);
  }
}
