import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import { makeAnswerBody } from "../../static/js/annotate/answer_body.js";

const answer = {
  outcome: "skip",
  value: null,
  comment: "",
  suggestion_shown: false,
  duration_seconds: 1,
  active_seconds: 1,
};

describe("makeAnswerBody", () => {
  it("sends the proof that the item was assigned", () => {
    const { uuid, ...body } = makeAnswerBody({ item: { id: 7 }, assignment: "signed" }, answer);
    assert.equal(uuid.length, 36);
    assert.deepEqual(body, { ...answer, item: 7, assignment: "signed" });
  });

  it("sends none where an older release left a number", () => {
    assert.equal("assignment" in makeAnswerBody({ item: { id: 7 }, assignment: 12 }, answer), false);
    assert.equal("assignment" in makeAnswerBody({ item: { id: 7 } }, answer), false);
  });
});
