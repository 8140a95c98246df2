import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";

// these read the language of the page when they are loaded
const { groupPeople, selectCounts } = await import("../../static/js/charts/bars.js");
const { axisBounds, labelRange } = await import("../../static/js/charts/comparison.js");
const { axisMinimum, estimatorTitle } = await import("../../static/js/charts/learning_curve.js");

describe("the bars of labels", () => {
  const counts = Array.from({ length: 31 }, (_, index) => ({ label: `l${index}`, count: index, color: "" }));

  it("keep the project's order where all fit", () => {
    assert.deepEqual(selectCounts(counts.slice(0, 30)), counts.slice(0, 30));
  });

  it("are the most frequent where there are too many", () => {
    const selected = selectCounts(counts);
    assert.equal(selected.length, 30);
    assert.equal(selected[0].label, "l30");
    assert.equal(
      selected.some(({ label }) => label === "l0"),
      false,
    );
  });
});

describe("the bars of people", () => {
  const people = (count) =>
    Array.from({ length: count }, (_, index) => ({ user: `u${index}`, counts: [index, 10 * index] }));

  it("are all shown where there are colours for them: one over the limit is no group", () => {
    assert.deepEqual(groupPeople(people(8)), people(8));
  });

  it("are the busiest and the sum of the others, hour by hour", () => {
    const grouped = groupPeople(people(10));
    assert.deepEqual(
      grouped.map(({ user }) => user),
      ["u9", "u8", "u7", "u6", "u5", "u4", "u3", "3 others"],
    );
    assert.deepEqual(grouped.at(-1).counts, [0 + 1 + 2, 0 + 10 + 20]);
  });
});

describe("the axis of the learning curve", () => {
  const point = (labels, low, value = low) => ({ labels, accuracy: { low, value } });

  it("begins below the band, at a tenth", () => {
    assert.equal(axisMinimum([point(20, 0.57), point(40, 0.83)], [], "accuracy"), 0.5);
  });

  it("follows the random arm only from where the strategy's curve begins", () => {
    const curve = [point(20, 0.57)];
    assert.equal(axisMinimum(curve, [point(2, 0.1), point(20, 0.44)], "accuracy"), 0.4);
    assert.equal(axisMinimum(curve, [point(2, 0.1)], "accuracy"), 0.5);
  });

  it("is left to the chart where there is no curve", () => {
    assert.equal(axisMinimum([], [point(2, 0.1)], "accuracy"), undefined);
  });
});

describe("the tooltip of the learning curve", () => {
  const estimators = { lr: "Logistic regression" };

  it("names what made a point", () => {
    assert.equal(estimatorTitle({ raw: { point: { estimator: "lr" } } }, estimators), "Logistic regression");
  });

  it("names nothing for a point of the forecast", () => {
    assert.equal(estimatorTitle({ raw: { forecast: { labels: 500, value: 0.9 } } }, estimators), "");
  });
});

describe("the axes of a comparison", () => {
  const curve = (...means) => means.map((mean, index) => [10 * (index + 1), { mean, low: 0, high: 1 }]);

  it("show the lines with room around them, not their bands", () => {
    assert.deepEqual(axisBounds([{ curve: curve(0.5, 0.8), full: 0.9 }]), { min: 0.38, max: 1 });
  });

  it("have room also where the lines are level", () => {
    assert.deepEqual(axisBounds([{ curve: curve(0.5, 0.5), full: 0.5 }]), { min: 0.48, max: 0.52 });
  });

  it("stay within the score's range", () => {
    assert.deepEqual(axisBounds([{ curve: curve(0, 1), full: 1 }]), { min: 0, max: 1 });
  });

  it("span all curves", () => {
    assert.deepEqual(labelRange([curve(0.5, 0.6, 0.7), [[5, { mean: 0.1 }]]]), [5, 30]);
  });
});
