import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { AnswerLog } from "../../static/js/annotate/answer_log.js";

const entry = (uuid) => ({ uuid, outcome: "label", value: null, row: {} });
const uuids = (log) => log.lines.map(({ entries }) => entries.map(({ uuid }) => uuid).join("+"));

let log;

beforeEach(() => {
  log = new AnswerLog();
});

describe("AnswerLog", () => {
  it("has the newest line first", () => {
    log.add([entry("a")]);
    log.add([entry("b"), entry("c")]);
    assert.deepEqual(uuids(log), ["b+c", "a"]);
    assert.deepEqual(log.last, [entry("b"), entry("c")]);
  });

  it("has nothing last where there is nothing", () => {
    assert.equal(log.last, null);
  });

  it("shows ten lines and keeps more, to be undone without the server", () => {
    for (let count = 0; count < 14; count += 1) log.add([entry(`${count}`)]);
    assert.equal(log.shown.length, 10);
    assert.equal(log.needsOlder, false);
    for (let count = 13; count >= 0; count -= 1) {
      assert.equal(log.last[0].uuid, `${count}`);
      log.remove(`${count}`);
    }
    assert.equal(log.last, null);
  });

  it("forgets what is very old, and knows that the server has it", () => {
    for (let count = 0; count < 201; count += 1) log.add([entry(`${count}`)]);
    assert.equal(log.find("0"), undefined);
    assert.equal(log.oldest, "1");
    assert.equal(log.hasOlder, true);
  });

  it("asks for older ones behind the oldest that it ever had", () => {
    log = new AnswerLog(true);
    log.addOlder(["c", "b"].map(entry));
    log.remove("b");
    assert.equal(log.oldest, "b");
    assert.equal(log.needsOlder, true);
    log.addOlder(["b", "a"].map(entry)); // the server does not know of the undo yet
    assert.deepEqual(uuids(log), ["c", "a"]);
    log.addOlder(["a"].map(entry));
    assert.deepEqual(uuids(log), ["c", "a"]);
  });

  it("finds an answer in any line", () => {
    const wanted = entry("b");
    log.add([entry("a"), wanted]);
    log.add([entry("c")]);
    assert.equal(log.find("b"), wanted);
  });

  it("takes one answer out of a grid, and the line with the last of them", () => {
    const line = log.add([entry("a"), entry("b")]);
    assert.equal(log.remove("a"), line);
    assert.deepEqual(uuids(log), ["b"]);
    assert.deepEqual(log.remove("b").entries, []);
    assert.deepEqual(uuids(log), []);
  });

  it("does not mind an answer that it does not have", () => {
    log.add([entry("a")]);
    assert.equal(log.remove("unknown"), null);
    assert.deepEqual(uuids(log), ["a"]);
  });
});
