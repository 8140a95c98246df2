import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import "./page.js";
import { pixelsBelow, scrollByKey, scrollStep } from "../../static/js/annotate/reading_pane.js";

const HEIGHT = 400;
const press = (key, more = {}) => ({ key, shiftKey: false, repeat: false, target: null, ...more });

/** A pane of some pixels, which scrolls as browsers do. */
function makePane(scrollHeight) {
  return {
    scrollHeight,
    clientHeight: HEIGHT,
    scrollTop: 0,
    scrollBy({ top }) {
      this.scrollTop = Math.min(scrollHeight - HEIGHT, Math.max(0, this.scrollTop + top));
    },
  };
}

let long;

beforeEach(() => {
  long = makePane(1000);
});

describe("scrollStep", () => {
  it("is less than a page, so that a line or two stay in sight", () => {
    const step = scrollStep(press("PageDown"), { height: HEIGHT, total: 1000 });
    assert.ok(step > HEIGHT / 2 && step < HEIGHT);
    assert.equal(scrollStep(press(" "), { height: HEIGHT, total: 1000 }), step);
    assert.equal(scrollStep(press(" ", { shiftKey: true }), { height: HEIGHT, total: 1000 }), -step);
  });

  it("is nothing for other keys", () => {
    const steps = ["1", "Enter", "ArrowLeft", "f"].map((key) => scrollStep(press(key), { height: 1, total: 1 }));
    assert.deepEqual(steps, [null, null, null, null]);
  });
});

describe("scrollByKey", () => {
  it("pages by space as long as there is more, and leaves the key at the end", () => {
    const handled = [];
    for (let presses = 0; presses < 3; presses += 1) handled.push(scrollByKey(press(" "), long));
    assert.deepEqual(handled, [true, true, false]);
    assert.equal(pixelsBelow(long), 0);
  });

  it("ends at the end while space is held down", () => {
    scrollByKey(press("End"), long);
    assert.equal(scrollByKey(press(" ", { repeat: true }), long), true);
    assert.equal(scrollByKey(press(" "), long), false);
  });

  it("goes back with shift, and nowhere at the beginning", () => {
    scrollByKey(press("End"), long);
    assert.equal(scrollByKey(press(" ", { shiftKey: true }), long), true);
    assert.ok(pixelsBelow(long) > 0);
    scrollByKey(press("Home"), long);
    assert.equal(scrollByKey(press(" ", { shiftKey: true }), long), true);
    assert.equal(long.scrollTop, 0);
  });

  it("leaves all keys where everything is in sight", () => {
    const short = makePane(HEIGHT + 1); // a page that is zoomed rounds
    for (const key of [" ", "ArrowDown", "PageDown", "End"]) assert.equal(scrollByKey(press(key), short), false);
  });

  it("lets space press a button that has the focus", () => {
    assert.equal(scrollByKey(press(" ", { target: new Element(["button"]) }), long), false);
    assert.equal(scrollByKey(press("ArrowDown", { target: new Element(["button"]) }), long), true);
  });
});
