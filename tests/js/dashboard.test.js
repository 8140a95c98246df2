import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";

// these read the language of the page when they are loaded
const { duration, interval, measured, measuredInterval, number, percent } =
  await import("../../static/js/dashboard/format.js");
const { describeEstimatorChanges, findEstimatorChanges } = await import("../../static/js/dashboard/estimators.js");
const { withLabelWords } = await import("../../static/js/dashboard/label_words.js");
const { isRelevant } = await import("../../static/js/dashboard/stopping.js");

describe("format", () => {
  it("writes numbers, shares and intervals", () => {
    assert.equal(number(12345.6), "12,345.6");
    assert.equal(percent(0.8964), "89.6%");
    assert.equal(percent(0.8964, 0), "90%");
    assert.equal(interval({ low: 0.896, high: 0.954 }), "89.6% to 95.4%");
  });

  it("writes measures in percent, or in the units of the answers", () => {
    assert.equal(measured(0.5, { lower_is_better: false }), "50.0%");
    assert.equal(measured(3.14159, { lower_is_better: true }), "3.14");
    assert.equal(measured(0.012345, { lower_is_better: true }), "0.012");
    assert.equal(measured(-0.012345, { lower_is_better: true }), "-0.012");
    assert.equal(measuredInterval({ low: 1, high: 2.5 }, { lower_is_better: true }), "1.00 to 2.50");
  });

  it("writes durations in two digits, then in whole seconds, then in minutes", () => {
    assert.deepEqual([0.1234, 9.96, 10.4, 89.4, 90, 600].map(duration), [
      "0.12 s",
      "10 s",
      "10 s",
      "89 s",
      "2 min",
      "10 min",
    ]);
    assert.deepEqual([null, undefined].map(duration), ["", ""]);
    assert.equal(duration(0), "0 s");
  });
});

describe("estimator changes", () => {
  const [a, b, c, d] = ["lr", "lr", "nb", "lr"].map((estimator, index) => ({ round: index + 1, estimator }));

  it("are at each point whose estimator is another than before", () => {
    assert.deepEqual(
      [...findEstimatorChanges([a, b, c, d])],
      [
        [c, b],
        [d, c],
      ],
    );
    assert.equal(findEstimatorChanges([]).size, 0);
  });

  it("are told by titles", () => {
    const estimators = { lr: "Logistic regression", nb: "Naive Bayes" };
    const text = describeEstimatorChanges({ curve: [a, c], estimators });
    assert.equal(text, "From model 3 on: Naive Bayes, before: Logistic regression.");
    assert.equal(describeEstimatorChanges({ curve: null, estimators }), "");
  });
});

describe("withLabelWords", () => {
  const progress = {
    labels: { overall: [{ label: "left", count: 3 }], by_person: [] },
    current: {
      accuracy: 1,
      per_class: [{ label: "left" }, { label: "other" }],
      confusion: {
        labels: ["left", "other"],
        counts: [
          [1, 2],
          [3, 4],
        ],
      },
    },
    threshold_report: { label: "left", count: 5 },
  };

  it("puts words in place of the names that have some, and changes nothing else", () => {
    const worded = withLabelWords(progress, { left: "The left one" });
    assert.deepEqual(worded.labels.overall, [{ label: "The left one", count: 3 }]);
    assert.deepEqual(worded.current.per_class, [{ label: "The left one" }, { label: "other" }]);
    assert.deepEqual(worded.current.confusion, {
      labels: ["The left one", "other"],
      counts: [
        [1, 2],
        [3, 4],
      ],
    });
    assert.deepEqual(worded.threshold_report, { label: "The left one", count: 5 });
    assert.equal(worded.current.accuracy, 1);
    assert.equal(progress.labels.overall[0].label, "left");
  });

  it("works before there is a model", () => {
    const early = { labels: { overall: [] }, current: null, threshold_report: null };
    assert.deepEqual(withLabelWords(early, { left: "Left" }), early);
    const numbers = { ...progress, current: { per_class: [], confusion: null } };
    assert.equal(withLabelWords(numbers, { left: "Left" }).current.confusion, null);
  });

  it("leaves a document alone where no label has words", () => {
    assert.equal(withLabelWords(progress, {}), progress);
  });
});

describe("isRelevant", () => {
  const condition = (more) => ({ applies: true, category: "recall", threshold: null, count: 0, stop: null, ...more });

  it("is true for a limit that is set", () => {
    assert.equal(isRelevant(condition({ category: "budget", threshold: 0 })), true);
    assert.equal(isRelevant(condition({ category: "budget" })), false);
  });

  it("is true for a search that has begun, and for any sign", () => {
    assert.equal(isRelevant(condition({})), false);
    assert.equal(isRelevant(condition({ count: 1 })), true);
    assert.equal(isRelevant(condition({ stop: false })), true);
    assert.equal(isRelevant(condition({ category: "convergence" })), true);
  });

  it("is false for what does not apply", () => {
    assert.equal(isRelevant(condition({ category: "convergence", applies: false })), false);
  });
});
