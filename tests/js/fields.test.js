import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import { summary } from "../../static/js/annotate/fields.js";
import { summary as textSummary } from "../../static/js/annotate/text.js";

describe("the summary of a record", () => {
  it("has the columns in their order, and others after them", () => {
    assert.equal(summary({ fields: { b: 2, extra: "x", a: 1 } }, ["a", "b"]), "a: 1, b: 2, extra: x");
  });

  it("leaves out what is empty or not there, but not zero", () => {
    assert.equal(
      summary({ fields: { a: "", b: null, c: " ", d: 0, e: false } }, ["a", "missing", "d"]),
      "d: 0, e: false",
    );
  });

  it("is cut", () => {
    assert.equal(summary({ fields: { a: "x".repeat(500) } }, ["a"]).length, 140);
    assert.equal(summary({ fields: { a: "xyz" } }, ["a"], 4), "a: x");
  });

  it("is empty for a record without fields", () => {
    assert.equal(summary({}, ["a"]), "");
    assert.equal(summary({ fields: null }, ["a"]), "");
  });

  it("takes names of objects for columns only where they are", () => {
    assert.equal(summary({ fields: { a: 1 } }, ["constructor", "a"]), "a: 1");
  });
});

describe("the summary of a text", () => {
  it("is its beginning", () => {
    assert.equal(textSummary({ text: "x".repeat(500) }).length, 140);
    assert.equal(textSummary({ text: "abc" }, 2), "ab");
    assert.equal(textSummary({}), "");
  });
});
