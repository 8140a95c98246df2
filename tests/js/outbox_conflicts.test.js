import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";

import { dispatchToWindow, setOnline } from "./page.js";
import { answer, openOutbox, Server, until, untilEmpty, untilIdle, useFreshBrowser } from "./outbox_setup.js";
import { ApiError } from "../../static/js/api.js";

let server;

useFreshBrowser();
beforeEach(() => {
  server = new Server();
});

describe("an answer that the server rejects", () => {
  const invalid = (details) => new ApiError(400, { code: "invalid", message: "No such label.", details });

  /** Three answers of which the server does not accept b. */
  async function openWithRejected(details) {
    server.fail = (_path, data) => {
      if (data?.some(({ uuid }) => uuid === "b")) throw invalid(details);
    };
    setOnline(false);
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    answer(outbox, "b", 2);
    answer(outbox, "c", 3);
    setOnline(true);
    outbox.flush();
    await until(() => server.answers.size === 2 && !outbox.isRunning);
    return outbox;
  }

  it("is marked where the server names it, and the others go", async () => {
    const outbox = await openWithRejected({ uuid: "b" });
    assert.deepEqual(server.batches, [
      ["a", "b", "c"],
      ["a", "c"],
    ]);
    assert.deepEqual(
      outbox.rejected.map(({ uuid, error }) => [uuid, error.message]),
      [["b", "No such label."]],
    );
    assert.deepEqual(outbox.waiting, []);
  });

  it("is found by sending one by one where the server does not name it", async () => {
    const outbox = await openWithRejected({});
    assert.deepEqual(server.batches, [["a", "b", "c"], ["a"], ["b"], ["c"]]);
    assert.deepEqual(
      outbox.rejected.map(({ uuid }) => uuid),
      ["b"],
    );
  });

  it("is kept for the next page", async () => {
    await openWithRejected({ uuid: "b" });
    const next = await openOutbox(server);
    await untilIdle(next);
    assert.deepEqual(
      next.rejected.map(({ uuid }) => uuid),
      ["b"],
    );
  });

  it("is sent again only when a person wants it", async () => {
    const outbox = await openWithRejected({ uuid: "b" });
    const before = server.requests.length;
    await outbox.retry();
    await untilIdle(outbox);
    assert.equal(server.requests.length, before);
    server.fail = () => {};
    await outbox.retry({ rejected: true });
    await untilEmpty(outbox);
    assert.equal(server.answers.get("b"), 2);
  });

  it("is discarded for good", async () => {
    const outbox = await openWithRejected({ uuid: "b" });
    await outbox.discard("b");
    assert.equal(outbox.operations.size, 0);
    const next = await openOutbox(server);
    await untilIdle(next);
    assert.equal(next.operations.size, 0);
  });
});

describe("a person whom the server refuses", () => {
  for (const status of [401, 403, 404]) {
    it(`keeps all answers after ${status}, and sends them when that is over`, async () => {
      server.fail = () => {
        throw new ApiError(status, { code: "no", message: "No." });
      };
      const outbox = await openOutbox(server);
      answer(outbox, "a", 1);
      answer(outbox, "b", 2);
      await until(() => outbox.blocked !== null && !outbox.isRunning);
      assert.deepEqual(outbox.blocked, { status, code: "no", message: "No." });
      assert.deepEqual(outbox.rejected, []);
      const before = server.requests.length;
      answer(outbox, "c", 3);
      mock.timers.tick(60_000);
      await untilIdle(outbox);
      assert.equal(server.requests.length, before);
      server.fail = () => {};
      dispatchToWindow("online");
      await untilEmpty(outbox);
      assert.equal(server.answers.size, 3);
    });
  }

  it("may discard everything", async () => {
    server.fail = () => {
      throw new ApiError(403, { message: "No." });
    };
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await until(() => outbox.blocked !== null && !outbox.isRunning);
    await outbox.discardAll();
    assert.equal(outbox.blocked, null);
    const next = await openOutbox(server);
    await untilIdle(next);
    assert.equal(next.operations.size, 0);
  });
});

describe("two tabs", () => {
  /** Delivers to all other channels of the name, like the browser's. */
  class Channel extends EventTarget {
    static all = new Set();

    constructor(name) {
      super();
      this.name = name;
      Channel.all.add(this);
    }

    postMessage(data) {
      for (const other of Channel.all) {
        if (other !== this && other.name === this.name) other.dispatchEvent(new MessageEvent("message", { data }));
      }
    }
  }

  beforeEach(() => {
    Channel.all.clear();
    globalThis.BroadcastChannel = Channel;
  });
  afterEach(() => delete globalThis.BroadcastChannel);

  it("tell each other which items are answered", async () => {
    const [one, other] = [await openOutbox(server), await openOutbox(server)];
    const answered = [];
    other.on("answered-elsewhere", (itemId) => answered.push(itemId));
    answer(one, "a", 42);
    assert.deepEqual(answered, [42]);
    await untilEmpty(one);
    await untilEmpty(other);
    assert.deepEqual([...server.answers], [["a", 42]]);
  });

  it("see that one of them has discarded everything", async () => {
    setOnline(false);
    const [one, other] = [await openOutbox(server), await openOutbox(server)];
    answer(one, "a", 42);
    await until(() => other.waiting.length === 1);
    await one.discardAll();
    await until(() => other.waiting.length === 0);
  });

  it("undo each other's answers", async () => {
    setOnline(false);
    const [one, other] = [await openOutbox(server), await openOutbox(server)];
    answer(one, "a", 42);
    await untilIdle(one);
    await other.undo("a", 42);
    await until(() => one.operations.size === 0);
    setOnline(true);
    one.flush();
    other.flush();
    await untilIdle(one);
    await untilIdle(other);
    assert.deepEqual(server.requests, []);
  });
});

describe("an answer about an item that was not assigned to the person", () => {
  it("is set aside alone; the others are stored", async () => {
    setOnline(false);
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    answer(outbox, "b", 2);
    server.fail = (_path, data) => {
      const culprit = data.find(({ uuid }) => uuid === "a");
      if (culprit) throw new ApiError(403, { code: "not_assigned", message: "No.", details: { uuid: "a" } });
    };
    setOnline(true);
    outbox.flush();
    await until(() => outbox.rejected.length === 1 && outbox.waiting.length === 0 && !outbox.isRunning);
    assert.equal(outbox.blocked, null);
    assert.deepEqual([...server.answers.keys()], ["b"]);
  });
});

describe("an undo by somebody who is not in the project any more", () => {
  it("waits, as the answer still stands", async () => {
    server.fail = (path) => {
      if (path.endsWith("/undo/")) throw new ApiError(404, { code: "removed", message: "Removed." });
    };
    const outbox = await openOutbox(server);
    await outbox.undo("a", 1);
    await until(() => outbox.blocked !== null && !outbox.isRunning);
    assert.equal(outbox.operations.size, 1);
  });
});

describe("an answer about an item that another device has answered", () => {
  const stored = { uuid: "other", outcome: "label", value: { labels: ["spam"] } };

  async function openWithConflict() {
    server.fail = (_path, [{ uuid, replaces }]) => {
      if (replaces === "other") return;
      const details = { uuid, item: 1, answer: stored };
      throw new ApiError(409, { code: "already_answered", message: "Answered.", details });
    };
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await until(() => outbox.rejected.length === 1 && !outbox.isRunning);
    return outbox;
  }

  it("is set aside with the answer that is stored, also for the next page", async () => {
    await openWithConflict();
    const next = await openOutbox(server);
    assert.deepEqual(next.rejected[0].error.details.answer, stored);
  });

  it("replaces that answer when the person wants it", async () => {
    const outbox = await openWithConflict();
    await outbox.replaceStored(outbox.rejected[0]);
    await untilEmpty(outbox);
    assert.deepEqual([...server.answers], [["a", 1]]);
  });
});
