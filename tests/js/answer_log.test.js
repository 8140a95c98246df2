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

  it("keeps ten lines and hands out the one that has no room", () => {
    const { line } = log.add([entry("0")]);
    for (let count = 1; count < 10; count += 1) assert.deepEqual(log.add([entry(`${count}`)]).dropped, []);
    assert.deepEqual(log.add([entry("10")]).dropped, [line]);
    assert.equal(log.lines.length, 10);
    assert.equal(log.find("0"), undefined);
  });

  it("finds an answer in any line", () => {
    const wanted = entry("b");
    log.add([entry("a"), wanted]);
    log.add([entry("c")]);
    assert.equal(log.find("b"), wanted);
  });

  it("takes one answer out of a grid, and the line with the last of them", () => {
    const { line } = log.add([entry("a"), entry("b")]);
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
