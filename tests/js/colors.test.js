import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { inkOn } from "../../static/js/colors.js";

/** WCAG 2.1 contrast of two colours. */
function contrast(a, b) {
  const luminance = (hex) => {
    const [red, green, blue] = [1, 3, 5].map((start) => {
      const channel = parseInt(hex.slice(start, start + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe("inkOn", () => {
  it("is black on light colours and white on dark ones", () => {
    assert.equal(inkOn("#ffffff"), "#000000");
    assert.equal(inkOn("#ffff00"), "#000000");
    assert.equal(inkOn("#000000"), "#ffffff");
    assert.equal(inkOn("#0000FF"), "#ffffff");
  });

  it("always has a contrast of 4.5", () => {
    for (let red = 0; red < 256; red += 17) {
      for (let green = 0; green < 256; green += 17) {
        for (let blue = 0; blue < 256; blue += 17) {
          const hex = `#${[red, green, blue].map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
          assert.ok(contrast(hex, inkOn(hex)) >= 4.5, hex);
        }
      }
    }
  });
});
