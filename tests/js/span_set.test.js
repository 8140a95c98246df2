import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { SpanSet } from "../../static/js/spans/span_set.js";

const span = (start, end, label = "A", suggested = false) => ({ start, end, label, suggested });

const makeSet = ({ allowOverlap = false, spans = [], suggestions = [] } = {}) => {
  const set = new SpanSet(allowOverlap);
  set.load(spans);
  set.suggestions = suggestions;
  return set;
};

describe("SpanSet without overlap", () => {
  it("replaces the spans that a new one overlaps", () => {
    const set = makeSet({ spans: [span(0, 3), span(4, 6), span(8, 9)] });
    assert.deepEqual(set.label({ start: 2, end: 5 }, "B"), span(2, 5, "B"));
    assert.deepEqual(set.spans, [span(8, 9), span(2, 5, "B")]);
  });

  it("keeps neighbours", () => {
    const set = makeSet({ spans: [span(0, 3)] });
    set.label({ start: 3, end: 5 }, "A");
    assert.deepEqual(set.spans, [span(0, 3), span(3, 5)]);
  });

  it("removes a span that is given the same label again", () => {
    const set = makeSet({ spans: [span(0, 3)] });
    assert.equal(set.label({ start: 0, end: 3 }, "A"), null);
    assert.deepEqual(set.spans, []);
  });

  it("leaves it where it is to be kept, and then there is nothing to undo", () => {
    const set = makeSet({ spans: [span(0, 3)] });
    assert.equal(set.label({ start: 0, end: 3 }, "A", { keep: true }), set.spans[0]);
    assert.equal(set.undo(), false);
  });

  it("changes the label of a range", () => {
    const set = makeSet({ spans: [span(0, 3)] });
    set.label({ start: 0, end: 3 }, "B");
    assert.deepEqual(set.spans, [span(0, 3, "B")]);
  });

  it("drops suggestions that a new span overlaps", () => {
    const set = makeSet({ suggestions: [span(0, 3, "B", true), span(4, 6, "B", true)] });
    set.label({ start: 2, end: 3 }, "A");
    assert.deepEqual(set.suggestions, [span(4, 6, "B", true)]);
  });

  it("accepts one suggestion in place of what it overlaps", () => {
    const set = makeSet({ spans: [span(0, 3)], suggestions: [span(2, 5, "B", true)] });
    assert.deepEqual(set.accept(set.suggestions[0]), span(2, 5, "B"));
    assert.deepEqual([set.spans, set.suggestions], [[span(2, 5, "B")], []]);
  });

  it("accepts all suggestions but those that overlap the person's spans", () => {
    const suggestions = [span(2, 5, "B", true), span(6, 8, "B", true)];
    const set = makeSet({ spans: [span(0, 3)], suggestions });
    assert.equal(set.acceptAll(), true);
    assert.deepEqual([set.spans, set.suggestions], [[span(0, 3), span(6, 8, "B")], []]);
    assert.equal(set.acceptAll(), false);
  });
});

describe("SpanSet with overlap", () => {
  it("lets spans overlap, and one range have two labels", () => {
    const set = makeSet({ allowOverlap: true, spans: [span(0, 5)] });
    set.label({ start: 2, end: 8 }, "B");
    set.label({ start: 0, end: 5 }, "B");
    assert.deepEqual(set.spans, [span(0, 5), span(2, 8, "B"), span(0, 5, "B")]);
  });

  it("takes a suggestion of the same span for accepted", () => {
    const suggestions = [span(0, 5, "A", true), span(0, 5, "B", true)];
    const set = makeSet({ allowOverlap: true, suggestions });
    set.label({ start: 0, end: 5 }, "A");
    assert.deepEqual(set.suggestions, [span(0, 5, "B", true)]);
  });
});

describe("SpanSet", () => {
  it("undoes one change at a time", () => {
    const set = makeSet();
    set.label({ start: 0, end: 3 }, "A");
    set.label({ start: 2, end: 4 }, "B");
    set.remove(() => true);
    assert.deepEqual(set.spans, []);
    set.undo();
    assert.deepEqual(set.spans, [span(2, 4, "B")]);
    set.undo();
    assert.deepEqual(set.spans, [span(0, 3)]);
    set.undo();
    assert.deepEqual(set.spans, []);
    assert.equal(set.undo(), false);
  });

  it("says whether anything was removed", () => {
    const set = makeSet({ spans: [span(0, 3)] });
    assert.equal(
      set.remove(({ start }) => start > 0),
      false,
    );
    assert.equal(
      set.remove(({ start }) => start === 0),
      true,
    );
  });

  it("rejects one suggestion", () => {
    const set = makeSet({ suggestions: [span(0, 3, "A", true), span(4, 5, "A", true)] });
    set.reject(set.suggestions[0]);
    assert.deepEqual(set.all, [span(4, 5, "A", true)]);
  });
});
