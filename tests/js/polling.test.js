import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";

import { isUnfinished, pollJob, POLL_MS } from "../../static/js/polling.js";

const settle = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

async function tick(milliseconds) {
  mock.timers.tick(milliseconds);
  await settle();
}

describe("pollJob", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  /** Poll a server that answers these in turn. */
  function poll(answers) {
    const seen = [];
    let requests = 0;
    const fetchState = async () => {
      const answer = answers[requests];
      requests += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    };
    pollJob(fetchState, (state) => seen.push(state.status));
    return { seen, requests: () => requests };
  }

  it("asks until the job has ended, and no more", async () => {
    const { seen, requests } = poll([{ status: "queued" }, { status: "running" }, { status: "done" }]);
    await settle();
    assert.deepEqual(seen, ["queued"]);
    await tick(POLL_MS - 1);
    assert.equal(requests(), 1);
    await tick(1);
    await tick(POLL_MS);
    await tick(10 * POLL_MS);
    assert.deepEqual(seen, ["queued", "running", "done"]);
    assert.equal(requests(), 3);
  });

  it("waits longer after a request that failed, and goes on", async () => {
    const { seen, requests } = poll([new Error("lost"), { status: "failed" }]);
    await settle();
    await tick(POLL_MS);
    assert.equal(requests(), 1);
    await tick(4 * POLL_MS);
    assert.deepEqual(seen, ["failed"]);
  });
});

describe("isUnfinished", () => {
  it("is true for jobs that wait or run", () => {
    assert.deepEqual(["queued", "running", "done", "failed", undefined].map(isUnfinished), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
