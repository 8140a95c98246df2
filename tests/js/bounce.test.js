import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { forgetPress, isBounce } from "../../static/js/annotate/bounce.js";

describe("isBounce", () => {
  it("is the same label a moment later", () => {
    assert.equal(isBounce(1, { timeStamp: 1000 }), false);
    assert.equal(isBounce(1, { timeStamp: 1040 }), true);
    assert.equal(isBounce(1, { timeStamp: 1080 }), true); // a key bounces more than once
  });

  it("is not the same label once more, later, nor another one at once", () => {
    assert.equal(isBounce(2, { timeStamp: 2000 }), false);
    assert.equal(isBounce(3, { timeStamp: 2010 }), false);
    assert.equal(isBounce(3, { timeStamp: 2200 }), false);
  });

  it("is not the same label for something that was selected in between", () => {
    assert.equal(isBounce(4, { timeStamp: 3000 }), false);
    forgetPress();
    assert.equal(isBounce(4, { timeStamp: 3020 }), false);
  });
});
