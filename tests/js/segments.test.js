import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { assignLanes, compareSpans, cutIntoSegments, overlaps } from "../../static/js/spans/segments.js";

const span = (start, end, label = "A") => ({ start, end, label, suggested: false });

const cut = (length, spans) =>
  cutIntoSegments(length, spans).map(({ start, end, spans: inside }) => [start, end, inside.map(({ label }) => label)]);

describe("cutIntoSegments", () => {
  it("leaves a text without spans in one piece", () => {
    assert.deepEqual(cut(5, []), [[0, 5, []]]);
  });

  it("has no segment for an empty text", () => {
    assert.deepEqual(cut(0, []), []);
  });

  it("cuts around a span", () => {
    assert.deepEqual(cut(9, [span(2, 4)]), [
      [0, 2, []],
      [2, 4, ["A"]],
      [4, 9, []],
    ]);
  });

  it("cuts overlapping spans where each begins and ends", () => {
    const expected = [
      [0, 2, ["A"]],
      [2, 5, ["A", "B"]],
      [5, 8, ["B"]],
      [8, 9, []],
    ];
    assert.deepEqual(cut(9, [span(2, 8, "B"), span(0, 5, "A")]), expected);
  });

  it("keeps nested spans, and several with the same range", () => {
    const spans = [span(0, 9, "A"), span(3, 5, "B"), span(3, 5, "C")];
    assert.deepEqual(cut(9, spans), [
      [0, 3, ["A"]],
      [3, 5, ["A", "B", "C"]],
      [5, 9, ["A"]],
    ]);
  });

  it("covers the whole text once, whatever the spans", () => {
    const spans = Array.from({ length: 40 }, (_, index) =>
      span((index * 7) % 50, ((index * 7) % 50) + 1 + (index % 9)),
    );
    const segments = cutIntoSegments(60, spans);
    assert.equal(segments[0].start, 0);
    assert.equal(segments.at(-1).end, 60);
    segments.forEach((segment, index) => index && assert.equal(segment.start, segments[index - 1].end));
    for (const segment of segments) {
      const inside = spans.filter((one) => overlaps(one, segment));
      assert.deepEqual(new Set(segment.spans), new Set(inside));
    }
  });
});

describe("compareSpans", () => {
  it("orders by start, end and label", () => {
    const sorted = [span(0, 1, "B"), span(0, 2, "A"), span(1, 2, "A"), span(1, 2, "B")];
    assert.deepEqual([sorted[3], sorted[1], sorted[2], sorted[0]].sort(compareSpans), sorted);
  });

  it("is 0 for the same span, suggested or not", () => {
    assert.equal(compareSpans(span(0, 1), { ...span(0, 1), suggested: true }), 0);
  });
});

describe("overlaps", () => {
  it("is false for neighbours", () => {
    assert.equal(overlaps(span(0, 2), span(2, 4)), false);
    assert.equal(overlaps(span(0, 3), span(2, 4)), true);
    assert.equal(overlaps(span(2, 3), span(0, 9)), true);
  });
});

describe("assignLanes", () => {
  it("puts spans side by side on one line and overlapping ones on others", () => {
    const [a, b, c, d] = [span(0, 5), span(5, 9), span(3, 7), span(4, 6)];
    const lanes = assignLanes([d, c, b, a]);
    assert.deepEqual(
      [a, b, c, d].map((one) => lanes.get(one)),
      [0, 0, 1, 2],
    );
  });

  it("uses a line again once it is free", () => {
    const spans = [span(0, 5), span(2, 3), span(3, 4)];
    const lanes = assignLanes(spans);
    assert.deepEqual(
      spans.map((one) => lanes.get(one)),
      [0, 1, 1],
    );
  });
});
