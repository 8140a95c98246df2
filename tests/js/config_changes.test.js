import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import {
  describeChanges,
  needsReload,
  renamedLabels,
  renameSuggestion,
  withNewNames,
} from "../../static/js/annotate/config_changes.js";

const label = (id, name, more = {}) => ({ id, name, key: String(id), color: "", description: "", ...more });
const config = (labels, more = {}) => ({
  widget: "spans",
  suggestion: "none",
  grids: null,
  labels,
  settings: {},
  ...more,
});
const BEFORE = config([label(1, "ham"), label(2, "spam")]);

describe("describeChanges", () => {
  it("names labels that came, went and were renamed", () => {
    const after = config([label(1, "good"), label(3, "eggs"), label(4, "beans")]);
    assert.deepEqual(describeChanges(BEFORE, after, false), [
      "New labels: eggs, beans.",
      "Not used any more: spam.",
      "“ham” is called “good” now.",
    ]);
  });

  it("says what else is new", () => {
    const labels = [label(1, "ham", { key: "h" }), label(2, "spam", { description: "It sells." })];
    const after = config(labels, { settings: { spans_overlap: true } });
    assert.deepEqual(describeChanges(BEFORE, after, true), [
      "Another key: ham.",
      "Another description: spam.",
      "The guidelines have changed.",
      "The settings of this project have changed.",
    ]);
  });

  it("is empty where nothing is", () => {
    assert.deepEqual(describeChanges(BEFORE, config([label(1, "ham"), label(2, "spam")]), false), []);
  });
});

describe("needsReload", () => {
  it("is so for what the page consists of, not for labels", () => {
    assert.equal(needsReload(BEFORE, config([])), false);
    assert.equal(needsReload(BEFORE, config([], { suggestion: "shown" })), true);
    assert.equal(needsReload(BEFORE, config([], { grids: { size: 20, ahead: 60 } })), true);
  });
});

describe("renamed labels", () => {
  const names = renamedLabels(BEFORE, config([label(1, "good"), label(2, "spam")]));

  it("are those of the same number", () => {
    assert.deepEqual([...names], [["ham", "good"]]);
  });

  it("are renamed in every kind of answer; those that are gone stay", () => {
    assert.deepEqual(withNewNames({ labels: ["ham", "gone"] }, names), { labels: ["good", "gone"] });
    assert.deepEqual(withNewNames({ spans: [{ start: 0, end: 1, label: "ham" }] }, names), {
      spans: [{ start: 0, end: 1, label: "good" }],
    });
    assert.deepEqual(withNewNames({ boxes: [{ x: 1, y: 2, w: 3, h: 4, label: "ham" }] }, names), {
      boxes: [{ x: 1, y: 2, w: 3, h: 4, label: "good" }],
    });
    assert.deepEqual(withNewNames({ number: 4 }, names), { number: 4 });
  });

  it("are renamed in what a model suggests", () => {
    const assignment = { suggestion: { labels: ["ham"] }, label_scores: [{ label: "ham", score: 0.9 }] };
    renameSuggestion(assignment, names);
    assert.deepEqual(assignment, { suggestion: { labels: ["good"] }, label_scores: [{ label: "good", score: 0.9 }] });
  });
});
