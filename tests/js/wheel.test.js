import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Wheel } from "../../static/js/annotate/wheel.js";

const turn = (more) => ({ deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, shiftKey: false, ...more });
const mouse = (notches) => turn({ deltaY: 100 * notches, wheelDeltaY: -120 * notches });
const pad = (deltaX, deltaY) => turn({ deltaX, deltaY, wheelDeltaY: -3 * deltaY });

let wheel;

beforeEach(() => {
  wheel = new Wheel();
});

describe("Wheel", () => {
  it("zooms by a mouse, a quarter a notch", () => {
    assert.deepEqual(wheel.read(mouse(-1), 0), { zoom: 1.25 });
    assert.deepEqual(wheel.read(mouse(1), 1000), { zoom: 0.8 });
  });

  it("zooms by a mouse that counts lines", () => {
    assert.ok(wheel.read(turn({ deltaY: -3, deltaMode: 1 }), 0).zoom > 1.2);
  });

  it("moves the image by two fingers, the way they go", () => {
    assert.deepEqual(wheel.read(pad(8, 0), 0), { right: -8, down: -0 });
    assert.deepEqual(wheel.read(pad(0, -5), 1000), { right: -0, down: 5 });
    assert.deepEqual(wheel.read(turn({ deltaY: 4 }), 2000), { right: -0, down: -4 }); // without wheelDelta
  });

  it("takes a fast swipe for what it began as", () => {
    wheel.read(pad(0, 3), 0);
    assert.deepEqual(wheel.read(pad(0, 40), 16), { right: -0, down: -40 }); // 120 units: a mouse's, if it came alone
    assert.deepEqual(wheel.read(mouse(1), 1000), { zoom: 0.8 });
  });

  it("zooms by a pinch, and by ctrl with a wheel", () => {
    assert.ok(wheel.read(turn({ deltaY: -5, ctrlKey: true }), 0).zoom > 1);
    assert.ok(wheel.read({ ...mouse(1), ctrlKey: true }, 0).zoom < 1);
  });

  it("goes sideways by shift with a wheel, however the browser tells it", () => {
    assert.deepEqual(wheel.read({ ...mouse(1), shiftKey: true }, 0), { right: -100, down: 0 });
    assert.deepEqual(wheel.read(turn({ deltaX: 100, shiftKey: true }), 0), { right: -100, down: 0 });
  });

  it("zooms by one event no further than by two notches", () => {
    assert.equal(wheel.read(mouse(-9), 0).zoom, 1.25 ** 2);
  });
});
