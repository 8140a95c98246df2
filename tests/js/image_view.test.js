import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { distance, ImageView, midpoint } from "../../static/js/annotate/image_view.js";

const close = (actual, expected) => {
  actual.forEach((value, index) => assert.ok(Math.abs(value - expected[index]) < 1e-9, `${actual} is not ${expected}`));
};

let view;

beforeEach(() => {
  view = new ImageView();
  view.frame = { width: 400, height: 300 };
  view.image = { width: 800, height: 400 };
});

describe("ImageView", () => {
  it("shows the whole image first, centred", () => {
    assert.equal(view.fit, 0.5);
    assert.deepEqual(view.displayed, { width: 400, height: 200 });
    assert.deepEqual(view.corner, [0, 50]);
    assert.equal(view.isZoomed, false);
  });

  it("enlarges a small image four times at most", () => {
    view.image = { width: 10, height: 10 };
    assert.equal(view.fit, 4);
  });

  it("has a scale in a frame without room", () => {
    view.frame = { width: 0, height: 0 };
    assert.ok(view.fit > 0);
    assert.ok(view.toImage([5, 5]).every(Number.isFinite));
  });

  it("turns points of the frame into pixels of the image", () => {
    close(view.toImage([0, 50]), [0, 0]);
    close(view.toImage([200, 150]), [400, 200]);
    close(view.toImage([400, 250]), [800, 400]);
  });

  it("keeps what is under the pointer in its place while it zooms", () => {
    const point = [90, 120];
    const fromMiddle = [point[0] - 200, point[1] - 150];
    const before = view.toImage(point);
    for (const factor of [1.25, 1.25, 3, 0.5]) {
      view.zoom(factor, fromMiddle);
      close(view.toImage(point), before);
    }
  });

  it("zooms between the whole image and eight screen pixels a pixel", () => {
    view.zoom(1000, [0, 0]);
    assert.equal(view.pixelSize, 8);
    view.zoom(0.00001, [0, 0]);
    assert.equal(view.scale, 1);
  });

  it("moves with the pointer", () => {
    view.zoom(4, [0, 0]);
    const [left, top] = view.corner;
    view.move(30, -10);
    close(view.corner, [left + 30, top - 10]);
  });

  it("does not leave the frame empty", () => {
    view.zoom(4, [0, 0]);
    view.move(10_000, 10_000);
    view.clamp();
    close(view.corner, [0, 0]);
    view.move(-10_000, -10_000);
    view.clamp();
    close(view.corner, [400 - 1600, 300 - 800]);
  });

  it("centres the side that fits", () => {
    view.move(100, 100);
    view.clamp();
    close(view.corner, [0, 50]);
  });

  it("reveals a box by the shortest way", () => {
    view.zoom(4, [0, 0]); // two screen pixels a pixel: x from 300 to 500, y from 125 to 275 are seen
    close(view.shiftToReveal({ x: 350, y: 150, w: 20, h: 20 }), [0, 0]);
    close(view.shiftToReveal({ x: 490, y: 150, w: 20, h: 20 }), [-20, 0]);
    close(view.shiftToReveal({ x: 350, y: 100, w: 20, h: 20 }), [0, 50]);
  });

  it("reveals the beginning of a box that is larger than the frame", () => {
    view.zoom(4, [0, 0]);
    close(view.shiftToReveal({ x: 310, y: 150, w: 400, h: 20 }), [-20, 0]);
  });
});

describe("pointers", () => {
  it("have a midpoint and a distance", () => {
    assert.deepEqual(midpoint([[3, 4]]), [3, 4]);
    assert.deepEqual(
      midpoint([
        [0, 0],
        [6, 8],
      ]),
      [3, 4],
    );
    assert.equal(
      distance([
        [0, 0],
        [6, 8],
      ]),
      10,
    );
  });
});
