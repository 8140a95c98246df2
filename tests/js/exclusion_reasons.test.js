import "./page.js";

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { ExclusionReasons } from "../../static/js/annotate/exclusion_reasons.js";

/** The little of the page that the reasons touch. */
class FakeElement {
  constructor() {
    this.attributes = {};
    this.children = [];
    this.listeners = {};
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  append(...children) {
    this.children.push(...children);
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  before(group) {
    this.group = group;
  }
}

const label = (name, key) => ({ name, key });
const key = (digit) => ({ code: `Digit${digit}`, key: digit, shiftKey: false, timeStamp: (now += 1000) });
const exclusion = { label: "yes", reasons: ["dull", "late"] };
let now = 0;

describe("ExclusionReasons", () => {
  let answers;

  beforeEach(() => {
    globalThis.document = { createElement: () => new FakeElement() };
    globalThis.HTMLElement = FakeElement;
    answers = [];
  });

  /** @param {object[]} labels */
  function make(labels, hasKeys = true) {
    const actions = new FakeElement();
    const box = { querySelector: () => actions };
    const answer = (value) => answers.push([value.labels[0], reasons.reasonFor(value)]);
    const reasons = new ExclusionReasons(box, { labels, exclusion, hasKeys, answer });
    return reasons;
  }

  it("answers at once where one label excludes, by the digits that no label has", () => {
    const reasons = make([label("yes", "2"), label("no", "1")]);
    assert.deepEqual(reasons.keys, ["3", "4"]);
    assert.equal(reasons.handleKey(key("4")), true);
    assert.deepEqual(answers, [["no", "late"]]);
    assert.equal(reasons.handleKey(key("1")), false);
  });

  it("waits for the label where several exclude, and can be taken back", () => {
    const reasons = make([label("yes", "1"), label("no", "2"), label("maybe", "3")]);
    reasons.handleKey(key("4"));
    assert.deepEqual(answers, []);
    assert.equal(reasons.reasonFor({ labels: ["maybe"] }), "dull");
    reasons.handleKey(key("4"));
    assert.equal(reasons.reasonFor({ labels: ["maybe"] }), "");
  });

  it("gives no reason with the label to find", () => {
    const reasons = make([label("yes", "1"), label("no", "2"), label("maybe", "3")]);
    reasons.handleKey(key("5"));
    assert.equal(reasons.reasonFor({ labels: ["yes"] }), "");
    reasons.choose(-1);
    assert.equal(reasons.reasonFor({ labels: ["no"] }), "");
  });

  it("has no keys where digits are those of an item's likeliest labels", () => {
    assert.deepEqual(make([label("yes", ""), label("no", "")], false).keys, []);
  });
});
