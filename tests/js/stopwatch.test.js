import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";

import { loadPage } from "./page.js";
import { Stopwatch } from "../../static/js/annotate/stopwatch.js";

let now;

/** Let so many seconds pass. */
const pass = (seconds) => {
  now += 1000 * seconds;
};
const act = (type = "pointermove") => document.dispatchEvent(new Event(type));
const setHidden = (isHidden) => {
  document.hidden = isHidden;
  act("visibilitychange");
};
const read = (stopwatch) => Object.values(stopwatch.share());

beforeEach(() => {
  loadPage();
  now = 1000;
  mock.method(performance, "now", () => now);
});

describe("Stopwatch", () => {
  it("counts all the time of somebody who is at work", () => {
    const stopwatch = new Stopwatch();
    stopwatch.restart();
    for (let n = 0; n < 4; n += 1) {
      pass(50);
      act("scroll");
    }
    assert.deepEqual(read(stopwatch), [200, 200]);
  });

  it("stops the active time a minute after the last input, and goes on with the next", () => {
    const stopwatch = new Stopwatch();
    stopwatch.restart();
    pass(9000);
    assert.deepEqual(read(stopwatch), [9000, 60]);
    act("keydown");
    pass(2);
    assert.deepEqual(read(stopwatch), [9002, 62]);
  });

  it("counts nothing while the page is hidden", () => {
    const stopwatch = new Stopwatch();
    stopwatch.restart();
    pass(10);
    setHidden(true);
    pass(500);
    act();
    setHidden(false);
    pass(5);
    assert.deepEqual(read(stopwatch), [15, 15]);
  });

  it("shares the time of a grid among its answers", () => {
    const stopwatch = new Stopwatch();
    stopwatch.restart();
    pass(30);
    assert.deepEqual(stopwatch.share(20), { duration_seconds: 1.5, active_seconds: 1.5 });
    assert.deepEqual(stopwatch.share(0), { duration_seconds: 30, active_seconds: 30 });
  });

  it("begins anew with the next item", () => {
    const stopwatch = new Stopwatch();
    stopwatch.restart();
    pass(30);
    stopwatch.restart();
    pass(1.26);
    assert.deepEqual(read(stopwatch), [1.3, 1.3]);
  });
});
