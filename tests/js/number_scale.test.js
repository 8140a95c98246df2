import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import { formatNumber, NumberScale, parseNumber } from "../../static/js/annotate/number_scale.js";

const scale = (low, high, step = null) => new NumberScale({ low, high, step, unit: "" });

describe("parseNumber", () => {
  it("takes a point or a comma, signs and exponents", () => {
    assert.deepEqual(["2.5", "2,5", " -3 ", "+.5", "1e3"].map(parseNumber), [2.5, 2.5, -3, 0.5, 1000]);
  });

  it("takes zero for a number", () => {
    assert.equal(parseNumber("0"), 0);
  });

  it("takes nothing else", () => {
    assert.deepEqual(["", " ", "abc", "1,2,3", "-", "Infinity", "5 %"].map(parseNumber), Array(7).fill(null));
  });
});

describe("formatNumber", () => {
  it("has no noise of binary fractions", () => {
    assert.equal(formatNumber(0.1 + 0.2), "0.3");
    assert.equal(formatNumber(41.5), "41.5");
    assert.equal(formatNumber(-0), "0");
  });
});

describe("NumberScale.nearest", () => {
  it("is the nearest step, counted from the low end", () => {
    assert.deepEqual(
      [0, 1, 1.4, 2, 9.9].map((number) => scale(1, 10, 3).nearest(number)),
      [1, 1, 1, 1, 10],
    );
    assert.equal(scale(1, 10, 3).nearest(2.6), 4);
  });

  it("does not pass the high end where that is no step", () => {
    assert.equal(scale(0, 10, 4).nearest(10), 8);
    assert.equal(scale(0, 10, 4).nearest(1e9), 8);
  });

  it("reaches the high end in spite of binary fractions", () => {
    assert.equal(scale(0, 0.3, 0.1).nearest(0.3), 0.3);
    assert.equal(scale(0, 1, 0.1).nearest(0.7), 0.7);
  });

  it("keeps any number of a scale without steps, inside of it", () => {
    assert.deepEqual(
      [-5, 33.333, 200].map((number) => scale(0, 100).nearest(number)),
      [0, 33.333, 100],
    );
  });
});

describe("NumberScale.move", () => {
  it("goes one step, or ten with shift, and stops at the ends", () => {
    const stars = scale(1, 5, 0.5);
    assert.equal(stars.move(3, 1, false), 3.5);
    assert.equal(stars.move(3, -1, false), 2.5);
    assert.equal(stars.move(3, 1, true), 5);
    assert.equal(stars.move(1, -1, false), 1);
  });

  it("goes about a hundredth of a scale without steps", () => {
    assert.equal(scale(0, 100).move(50, 1, false), 51);
    assert.equal(scale(0, 100).move(50, -1, true), 40);
    assert.equal(scale(0, 1).move(0.5, 1, false), 0.51);
  });

  it("goes to a step from between two", () => {
    assert.equal(scale(0, 10, 1).move(3.4, 1, false), 4);
  });
});

describe("NumberScale.fromSlider", () => {
  it("rounds what no hand can mean", () => {
    assert.equal(scale(0, 100).fromSlider(33.33333), 33.3);
  });

  it("keeps a step", () => {
    assert.equal(scale(0, 10, 0.25).fromSlider(7.25), 7.25);
  });
});

describe("NumberScale.validate", () => {
  it("has nothing against numbers of the scale", () => {
    assert.deepEqual(
      ["0", "100", "33.3"].map((text) => scale(0, 100).validate(text)),
      ["", "", ""],
    );
    assert.deepEqual(
      ["0.3", "0,7"].map((text) => scale(0, 1, 0.1).validate(text)),
      ["", ""],
    );
  });

  it("says what is wrong", () => {
    const stars = scale(1, 5, 0.5);
    assert.equal(stars.validate(" "), "Give a number first.");
    assert.equal(stars.validate("four"), "That is no number.");
    assert.equal(stars.validate("0.5"), "The number has to be from 1 to 5.");
    assert.equal(stars.validate("5.5"), "The number has to be from 1 to 5.");
    assert.equal(stars.validate("3.2"), "Only every step of 0.5 from 1 on can be given.");
  });
});
