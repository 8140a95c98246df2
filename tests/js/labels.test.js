import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import { describeLabelCounts } from "../../static/js/annotate/label_counts.js";
import { groupLabels, longestWord } from "../../static/js/annotate/label_groups.js";
import { selectTopLabels } from "../../static/js/annotate/top_labels.js";

describe("describeLabelCounts", () => {
  const labels = [
    { name: "cat", color: "label-1" },
    { name: "dog", color: "#abcdef" },
  ];

  it("counts components by label, in their order, and has the colour of the first", () => {
    const components = ["dog", "cat", "dog"].map((label) => ({ label }));
    assert.deepEqual(describeLabelCounts(components, labels), { name: "dog × 2, cat", color: "#abcdef" });
  });

  it("has no colour for a label that is gone", () => {
    assert.deepEqual(describeLabelCounts([{ label: "cow" }], labels), { name: "cow", color: "" });
  });

  it("says that there is nothing", () => {
    assert.deepEqual(describeLabelCounts([], labels), { name: "nothing here", color: "" });
  });
});

describe("groupLabels", () => {
  const group = (...names) =>
    groupLabels(names.map((name) => ({ name }))).map(({ parent, indices }) => [parent, indices]);

  it("groups by what comes before the last slash, in the order of the first label", () => {
    const expected = [
      ["", [0, 3]],
      ["food/fruit", [1, 4]],
      ["food", [2]],
    ];
    assert.deepEqual(group("other", "food/fruit/apple", "food/bread", "none", "food/fruit/pear"), expected);
  });

  it("does not mistake a label for its parent", () => {
    assert.deepEqual(group("food", "food/bread"), [
      ["", [0]],
      ["food", [1]],
    ]);
  });

  it("takes a slash at an end for what it is", () => {
    assert.deepEqual(group("/a", "b/"), [
      ["", [0]],
      ["b", [1]],
    ]);
  });

  it("has names of objects as parents", () => {
    assert.deepEqual(group("constructor/a"), [["constructor", [0]]]);
  });
});

describe("longestWord", () => {
  it("is where a line may break: at spaces, slashes, hyphens and Chinese characters", () => {
    assert.equal(longestWord([{ name: "a bc/def-ghij" }, { name: "垃圾短信" }]), 4);
    assert.equal(longestWord([]), 0);
  });
});

describe("selectTopLabels", () => {
  const indices = new Map([
    ["a", 0],
    ["b", 1],
    ["c", 2],
  ]);
  const scores = ["c", "retired", "a", "b"].map((label, index) => ({ label, score: 0.4 - index / 10 }));

  it("keeps the order of the scores, and as many as there are buttons", () => {
    assert.deepEqual(
      selectTopLabels(scores, indices, 9).map(({ index }) => index),
      [2, 0, 1],
    );
  });

  it("fills the place of a label that was retired since", () => {
    const expected = [
      { index: 2, score: 0.4 },
      { index: 0, score: 0.2 },
    ];
    assert.deepEqual(selectTopLabels(scores, indices, 2), expected);
  });

  it("is empty where there are no scores", () => {
    assert.deepEqual(selectTopLabels([], indices, 9), []);
  });
});
