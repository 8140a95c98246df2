import assert from "node:assert/strict";
import { describe, it } from "node:test";

import {
  boxAt,
  boxBetween,
  handleAt,
  handlePosition,
  HANDLES,
  isSameObject,
  moveBox,
  resizeBox,
  withRectangle,
} from "../../static/js/boxes/geometry.js";

const IMAGE = { width: 100, height: 50 };
const BOX = { x: 20, y: 10, w: 30, h: 20, label: "cat", suggested: true };

const rectangle = ({ x, y, w, h }) => [x, y, w, h];

describe("boxBetween", () => {
  it("is the same whichever corner comes first", () => {
    const expected = { x: 10, y: 5, w: 20, h: 15 };
    assert.deepEqual(boxBetween([10, 5], [30, 20], IMAGE), expected);
    assert.deepEqual(boxBetween([30, 20], [10, 5], IMAGE), expected);
    assert.deepEqual(boxBetween([10, 20], [30, 5], IMAGE), expected);
  });

  it("has whole pixels", () => {
    assert.deepEqual(boxBetween([10.4, 5.6], [30.5, 20.2], IMAGE), { x: 10, y: 6, w: 21, h: 14 });
  });

  it("is at least one pixel, also at the far edges", () => {
    assert.deepEqual(boxBetween([10, 5], [10, 5], IMAGE), { x: 10, y: 5, w: 1, h: 1 });
    assert.deepEqual(boxBetween([100, 50], [100, 50], IMAGE), { x: 99, y: 49, w: 1, h: 1 });
  });

  it("stays inside of the image", () => {
    assert.deepEqual(boxBetween([-20, -1], [300, 51], IMAGE), { x: 0, y: 0, w: 100, h: 50 });
    assert.deepEqual(boxBetween([200, 200], [300, 300], IMAGE), { x: 99, y: 49, w: 1, h: 1 });
  });
});

describe("moveBox", () => {
  it("keeps the size, the label and whether it is suggested", () => {
    assert.deepEqual(moveBox(BOX, 5, -3, IMAGE), { ...BOX, x: 25, y: 7 });
  });

  it("stops at each edge", () => {
    assert.deepEqual(rectangle(moveBox(BOX, -500, -500, IMAGE)), [0, 0, 30, 20]);
    assert.deepEqual(rectangle(moveBox(BOX, 500, 500, IMAGE)), [70, 30, 30, 20]);
  });

  it("leaves a box that is larger than the image at its corner", () => {
    assert.deepEqual(rectangle(moveBox({ ...BOX, w: 200, h: 80 }, 10, 10, IMAGE)), [0, 0, 200, 80]);
  });
});

describe("resizeBox", () => {
  it("moves only the edges of the handle", () => {
    assert.deepEqual(rectangle(resizeBox(BOX, [1, 1], 5, 4, IMAGE)), [20, 10, 35, 24]);
    assert.deepEqual(rectangle(resizeBox(BOX, [-1, -1], 5, 4, IMAGE)), [25, 14, 25, 16]);
    assert.deepEqual(rectangle(resizeBox(BOX, [0, -1], 5, 4, IMAGE)), [20, 14, 30, 16]);
    assert.deepEqual(rectangle(resizeBox(BOX, [1, 0], 5, 4, IMAGE)), [20, 10, 35, 20]);
  });

  it("turns round where an edge is dragged past the other", () => {
    assert.deepEqual(rectangle(resizeBox(BOX, [1, 0], -40, 0, IMAGE)), [10, 10, 10, 20]);
  });
});

describe("withRectangle", () => {
  it("makes numbers that a person typed valid", () => {
    assert.deepEqual(withRectangle(BOX, { x: 1.6, y: 2, w: 3.2, h: 4 }, IMAGE), { ...BOX, x: 2, y: 2, w: 3, h: 4 });
    assert.deepEqual(rectangle(withRectangle(BOX, { x: -5, y: 999, w: 0, h: -3 }, IMAGE)), [0, 49, 1, 1]);
    assert.deepEqual(rectangle(withRectangle(BOX, { x: 90, y: 0, w: 50, h: 50 }, IMAGE)), [90, 0, 10, 50]);
  });
});

describe("isSameObject", () => {
  const square = { x: 0, y: 0, w: 30, h: 30 };

  it("takes an intersection of half of the union", () => {
    assert.equal(isSameObject(square, { x: 10, y: 0, w: 30, h: 30 }), true); // 600 of 1200
    assert.equal(isSameObject(square, { x: 11, y: 0, w: 30, h: 30 }), false); // 570 of 1230
    assert.equal(isSameObject(square, square), true);
  });

  it("does not take a small box inside of a large one", () => {
    assert.equal(isSameObject(square, { x: 5, y: 5, w: 10, h: 10 }), false);
  });

  it("does not take boxes that only touch, or lie apart in both directions", () => {
    assert.equal(isSameObject(square, { x: 30, y: 0, w: 30, h: 30 }), false);
    assert.equal(isSameObject(square, { x: 40, y: 40, w: 30, h: 30 }), false); // two negative sides make a positive area
  });
});

describe("boxAt", () => {
  const large = { x: 0, y: 0, w: 50, h: 50 };
  const small = { x: 10, y: 10, w: 10, h: 10 };
  const twin = { ...small };

  it("gives the smallest of overlapping boxes, whatever their order", () => {
    assert.equal(boxAt([large, small], [15, 15], 0), small);
    assert.equal(boxAt([small, large], [15, 15], 0), small);
    assert.equal(boxAt([large, small], [5, 5], 0), large);
  });

  it("gives the first of two that are the same", () => {
    assert.equal(boxAt([small, twin], [15, 15], 0), small);
  });

  it("counts borders and what is within reach of them", () => {
    assert.equal(boxAt([small], [20, 20], 0), small);
    assert.equal(boxAt([small], [23, 20], 0), null);
    assert.equal(boxAt([small], [23, 20], 3), small);
  });

  it("is null without boxes", () => {
    assert.equal(boxAt([], [0, 0], 10), null);
  });
});

describe("handleAt", () => {
  it("finds each handle at its position", () => {
    for (const handle of HANDLES) assert.equal(handleAt(BOX, handlePosition(BOX, handle), 2), handle);
  });

  it("gives the nearest where several are within reach", () => {
    const tiny = { x: 0, y: 0, w: 6, h: 6 };
    assert.deepEqual(handleAt(tiny, [0.5, 0.5], 20), [-1, -1]);
    assert.deepEqual(handleAt(tiny, [5.9, 3], 20), [1, 0]);
  });

  it("gives none in the middle, so that a small box can be moved", () => {
    assert.equal(handleAt({ x: 0, y: 0, w: 6, h: 6 }, [3, 3], 20), null);
  });

  it("gives none out of reach", () => {
    assert.equal(handleAt(BOX, [20, 14], 3), null);
  });
});
