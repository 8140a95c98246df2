import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { BoxSet } from "../../static/js/boxes/box_set.js";

const box = (x, label = "cat", suggested = false) => ({ x, y: 0, w: 10, h: 10, label, suggested });

let set;

beforeEach(() => {
  set = new BoxSet();
});

describe("BoxSet", () => {
  it("adds a box and makes it the active one", () => {
    const made = set.put(null, box(0));
    assert.deepEqual(set.boxes, [box(0)]);
    assert.equal(set.active, made);
  });

  it("replaces a box where it was, and leaves lists alone that were handed out", () => {
    const [first] = [set.put(null, box(0)), set.put(null, box(20))];
    const before = set.boxes;
    set.put(first, box(1, "dog"));
    assert.deepEqual(set.boxes, [box(1, "dog"), box(20)]);
    assert.deepEqual(before, [box(0), box(20)]);
  });

  it("drops suggestions of the same object, and no others", () => {
    set.suggest([box(1, "dog", true), box(50, "dog", true)]);
    set.put(null, box(0));
    assert.deepEqual(set.suggestions, [box(50, "dog", true)]);
  });

  it("accepts a suggestion by putting it in its own place", () => {
    set.suggest([box(0, "dog", true)]);
    const [suggestion] = set.suggestions;
    set.put(suggestion, suggestion);
    assert.deepEqual(set.boxes, [box(0, "dog")]);
    assert.deepEqual(set.suggestions, []);
  });

  it("accepts all suggestions of other objects than the person's", () => {
    set.put(null, box(0));
    set.suggestions = [box(2, "dog", true), box(50, "dog", true)];
    assert.equal(set.acceptAll(), true);
    assert.deepEqual(set.boxes, [box(0), box(50, "dog")]);
    assert.equal(set.active, null);
    assert.equal(set.acceptAll(), false);
  });

  it("forgets a suggestion that is active when others come", () => {
    set.suggest([box(0, "dog", true)]);
    set.active = set.suggestions[0];
    set.suggest([]);
    assert.equal(set.active, null);
  });

  it("undoes changes one by one, suggestions too", () => {
    set.suggest([box(1, "dog", true)]);
    set.remember();
    set.put(null, box(0));
    set.remember();
    set.put(null, box(30));
    assert.equal(set.undo(), true);
    assert.deepEqual(set.boxes, [box(0)]);
    assert.equal(set.undo(), true);
    assert.deepEqual([set.boxes, set.suggestions], [[], [box(1, "dog", true)]]);
    assert.equal(set.active, null);
    assert.equal(set.undo(), false);
  });

  it("removes the active box, which undo brings back", () => {
    const made = set.put(null, box(0));
    assert.equal(set.removeActive(), made);
    assert.deepEqual(set.boxes, []);
    assert.equal(set.removeActive(), null);
    set.undo();
    assert.deepEqual(set.boxes, [box(0)]);
  });

  it("answers with each box once: the same rectangle twice, but for the label", () => {
    set.load([box(0), box(0, "dog"), box(0)]);
    assert.deepEqual(set.distinct, [box(0), box(0, "dog")]);
  });

  it("starts from an answer with nothing to undo", () => {
    set.suggest([box(1, "dog", true), box(50, "dog", true)]);
    set.remember();
    set.load([box(0)]);
    assert.deepEqual(set.all, [box(0), box(50, "dog", true)]);
    assert.equal(set.undo(), false);
  });
});
