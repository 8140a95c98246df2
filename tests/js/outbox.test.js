import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { IDBFactory } from "fake-indexeddb";

import { dispatchToWindow, loadPage, setOnline } from "./page.js";
import { ApiError } from "../../static/js/api.js";
import { nextBatch, Outbox } from "../../static/js/annotate/outbox.js";

const body = (uuid, item) => ({ uuid, item, outcome: "label", value: { labels: ["ham"] }, seconds: 1, comment: "" });
const entry = (uuid, item) => ({ uuid, outcome: "label", value: { labels: ["ham"] }, row: { item: { id: item } } });
const give = (outbox, uuid, item) => outbox.answer(body(uuid, item), entry(uuid, item));

/** A server that keeps each uuid once. `fail` is asked before every request and may throw. */
class Server {
  constructor() {
    this.requests = [];
    this.answers = new Map();
    this.undone = new Set();
    this.fail = () => {};
    this.api = async (method, path, data) => {
      assert.equal(method, "POST");
      this.requests.push([path, data?.map(({ uuid }) => uuid)]);
      await this.fail(path, data);
      if (!data) this.undone.add(path.split("/")[1]);
      for (const { uuid, item } of data ?? []) this.answers.set(uuid, item);
    };
  }

  /** Fail this many times. */
  failTimes(count, error) {
    let left = count;
    this.fail = () => {
      if (left-- > 0) throw error;
    };
  }
}

let server;

async function open() {
  const outbox = new Outbox({ user: 3, project: 7, api: server.api });
  await outbox.open();
  return outbox;
}

/** Wait until something holds; the outbox works in the background. */
async function until(condition) {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) assert.fail(`never: ${condition}`);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const isEmpty = (outbox) => () => outbox.operations.size === 0 && !outbox.isRunning;
const isIdle = (outbox) => () => !outbox.isRunning;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  loadPage();
  server = new Server();
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => mock.timers.reset());

describe("Outbox", () => {
  it("sends an answer and forgets it once the server has it", async () => {
    const outbox = await open();
    const saved = [];
    outbox.addEventListener("saved", ({ detail }) => saved.push(...detail.map(({ uuid }) => uuid)));
    give(outbox, "a", 1);
    assert.deepEqual([...outbox.itemIds()], [1]);
    await until(isEmpty(outbox));
    assert.deepEqual(server.requests, [["projects/7/annotations/", ["a"]]]);
    assert.deepEqual(saved, ["a"]);
  });

  it("sends what piled up in order, together", async () => {
    setOnline(false);
    const outbox = await open();
    for (let item = 1; item <= 3; item += 1) give(outbox, `u${item}`, item);
    assert.equal(outbox.waiting.length, 3);
    setOnline(true);
    dispatchToWindow("online");
    await until(isEmpty(outbox));
    assert.deepEqual(server.requests, [["projects/7/annotations/", ["u1", "u2", "u3"]]]);
  });

  it("sends fifty answers a request at most", async () => {
    setOnline(false);
    const outbox = await open();
    for (let item = 1; item <= 120; item += 1) give(outbox, `u${item}`, item);
    setOnline(true);
    outbox.flush();
    await until(isEmpty(outbox));
    assert.deepEqual(
      server.requests.map(([, uuids]) => uuids.length),
      [50, 50, 20],
    );
    assert.equal(server.answers.size, 120);
  });

  it("sends again after the network was lost, with the same uuid", async () => {
    server.failTimes(1, new ApiError(0, { message: "The server cannot be reached." }));
    const outbox = await open();
    give(outbox, "a", 1);
    await until(() => outbox.failure === "offline" && !outbox.isRunning);
    assert.equal(outbox.waiting.length, 1);
    mock.timers.tick(1000);
    await until(isEmpty(outbox));
    assert.deepEqual(
      server.requests.map(([, uuids]) => uuids),
      [["a"], ["a"]],
    );
    assert.equal(outbox.failure, "");
  });

  it("waits longer after each failure, and not at all when the network is back", async () => {
    server.failTimes(3, new ApiError(503, { message: "Down." }));
    const outbox = await open();
    give(outbox, "a", 1);
    await until(() => server.requests.length === 1 && !outbox.isRunning);
    assert.equal(outbox.failure, "server");
    mock.timers.tick(700); // of 375 to 625
    await until(() => server.requests.length === 2 && !outbox.isRunning);
    mock.timers.tick(700); // of 750 to 1250
    await until(isIdle(outbox));
    assert.equal(server.requests.length, 2);
    mock.timers.tick(600);
    await until(() => server.requests.length === 3 && !outbox.isRunning);
    dispatchToWindow("online");
    await until(isEmpty(outbox));
  });

  it("counts an answer once that the server got before the network was lost", async () => {
    const outbox = await open();
    let isFirst = true;
    const { api } = server;
    outbox.api = async (...request) => {
      await api(...request);
      if (isFirst) {
        isFirst = false;
        throw new ApiError(0, {});
      }
    };
    give(outbox, "a", 1);
    await until(() => outbox.failure && !outbox.isRunning);
    outbox.retry();
    await until(isEmpty(outbox));
    assert.equal(server.requests.length, 2);
    assert.deepEqual([...server.answers], [["a", 1]]);
  });

  it("keeps answers for the next page, which sends them", async () => {
    setOnline(false);
    const outbox = await open();
    give(outbox, "a", 1);
    await until(isIdle(outbox));
    setOnline(true);
    const next = await open();
    await until(isEmpty(next));
    assert.deepEqual([...server.answers], [["a", 1]]);
  });

  it("puts the second answer about an item into a request of its own", async () => {
    setOnline(false);
    const outbox = await open();
    give(outbox, "a", 1);
    give(outbox, "b", 1);
    setOnline(true);
    outbox.flush();
    await until(isEmpty(outbox));
    assert.deepEqual(
      server.requests.map(([, uuids]) => uuids),
      [["a"], ["b"]],
    );
  });
});

describe("Outbox.undo", () => {
  it("withdraws an answer that was not sent: the server never hears of it", async () => {
    setOnline(false);
    const outbox = await open();
    give(outbox, "a", 1);
    await outbox.undo("a", 1);
    assert.equal(outbox.operations.size, 0);
    setOnline(true);
    outbox.flush();
    await until(isIdle(outbox));
    assert.deepEqual(server.requests, []);
  });

  it("tells the server of one that it has", async () => {
    const outbox = await open();
    give(outbox, "a", 1);
    await until(isEmpty(outbox));
    await outbox.undo("a", 1);
    await until(isEmpty(outbox));
    assert.deepEqual(server.requests.at(-1), ["annotations/a/undo/", undefined]);
  });

  it("follows an answer that may have arrived", async () => {
    server.failTimes(1, new ApiError(0, {}));
    const outbox = await open();
    give(outbox, "a", 1);
    await until(() => outbox.failure && !outbox.isRunning);
    await outbox.undo("a", 1);
    await until(isEmpty(outbox));
    assert.deepEqual(
      server.requests.map(([path]) => path),
      ["projects/7/annotations/", "projects/7/annotations/", "annotations/a/undo/"],
    );
  });

  it("is done with where the server does not know the answer", async () => {
    server.fail = (path) => {
      if (path.endsWith("/undo/")) throw new ApiError(404, { message: "Not found." });
    };
    const outbox = await open();
    await outbox.undo("unknown", 1);
    await until(isEmpty(outbox));
    assert.equal(outbox.blocked, null);
  });

  it("says why where the server does not undo it", async () => {
    server.fail = (path) => {
      if (path.endsWith("/undo/")) throw new ApiError(409, { message: "A later answer stands." });
    };
    const outbox = await open();
    const notices = [];
    outbox.addEventListener("notice", ({ detail }) => notices.push(detail));
    await outbox.undo("a", 1);
    await until(isEmpty(outbox));
    assert.deepEqual(notices, ["A later answer stands."]);
  });
});

describe("an answer that the server rejects", () => {
  const invalid = (details) => new ApiError(400, { code: "invalid", message: "No such label.", details });

  /** Three answers of which the server does not accept b. */
  async function openWithRejected(details) {
    server.fail = (_path, data) => {
      if (data?.some(({ uuid }) => uuid === "b")) throw invalid(details);
    };
    setOnline(false);
    const outbox = await open();
    give(outbox, "a", 1);
    give(outbox, "b", 2);
    give(outbox, "c", 3);
    setOnline(true);
    outbox.flush();
    await until(() => server.answers.size === 2 && !outbox.isRunning);
    return outbox;
  }

  it("is marked where the server names it, and the others go", async () => {
    const outbox = await openWithRejected({ uuid: "b" });
    assert.deepEqual(
      server.requests.map(([, uuids]) => uuids),
      [
        ["a", "b", "c"],
        ["a", "c"],
      ],
    );
    assert.deepEqual(
      outbox.rejected.map(({ uuid, error }) => [uuid, error.message]),
      [["b", "No such label."]],
    );
    assert.deepEqual(outbox.waiting, []);
  });

  it("is found by sending one by one where the server does not name it", async () => {
    const outbox = await openWithRejected({});
    assert.deepEqual(
      server.requests.map(([, uuids]) => uuids),
      [["a", "b", "c"], ["a"], ["b"], ["c"]],
    );
    assert.deepEqual(
      outbox.rejected.map(({ uuid }) => uuid),
      ["b"],
    );
  });

  it("is kept for the next page", async () => {
    await openWithRejected({ uuid: "b" });
    const next = await open();
    await until(isIdle(next));
    assert.deepEqual(
      next.rejected.map(({ uuid }) => uuid),
      ["b"],
    );
  });

  it("is sent again only when a person wants it", async () => {
    const outbox = await openWithRejected({ uuid: "b" });
    const before = server.requests.length;
    await outbox.retry();
    await until(isIdle(outbox));
    assert.equal(server.requests.length, before);
    server.fail = () => {};
    await outbox.retry({ rejected: true });
    await until(isEmpty(outbox));
    assert.equal(server.answers.get("b"), 2);
  });

  it("is discarded for good", async () => {
    const outbox = await openWithRejected({ uuid: "b" });
    await outbox.discard("b");
    assert.equal(outbox.operations.size, 0);
    const next = await open();
    await until(isIdle(next));
    assert.equal(next.operations.size, 0);
  });
});

describe("a person whom the server refuses", () => {
  for (const status of [401, 403, 404]) {
    it(`keeps all answers after ${status}, and sends them when that is over`, async () => {
      server.fail = () => {
        throw new ApiError(status, { message: "No." });
      };
      const outbox = await open();
      give(outbox, "a", 1);
      give(outbox, "b", 2);
      await until(() => outbox.blocked !== null && !outbox.isRunning);
      assert.deepEqual(outbox.blocked, { status, message: "No." });
      assert.deepEqual(outbox.rejected, []);
      const before = server.requests.length;
      give(outbox, "c", 3);
      mock.timers.tick(60_000);
      await until(isIdle(outbox));
      assert.equal(server.requests.length, before);
      server.fail = () => {};
      dispatchToWindow("online");
      await until(isEmpty(outbox));
      assert.equal(server.answers.size, 3);
    });
  }

  it("may discard everything", async () => {
    server.fail = () => {
      throw new ApiError(403, { message: "No." });
    };
    const outbox = await open();
    give(outbox, "a", 1);
    await until(() => outbox.blocked !== null && !outbox.isRunning);
    await outbox.discardAll();
    assert.equal(outbox.blocked, null);
    const next = await open();
    await until(isIdle(next));
    assert.equal(next.operations.size, 0);
  });
});

describe("a page that is closed", () => {
  it("sends what waits with keepalive, and keeps it until the server has confirmed it", async () => {
    const calls = [];
    globalThis.fetch = async (address, options) => void calls.push([address, options]);
    setOnline(false);
    const outbox = await open();
    give(outbox, "a", 1);
    await until(isIdle(outbox));
    dispatchToWindow("pagehide");
    const [address, { keepalive, body: sent, headers }] = calls.at(-1);
    assert.equal(address, "/api/v1/projects/7/annotations/");
    assert.equal(keepalive, true);
    assert.deepEqual(JSON.parse(sent), [body("a", 1)]);
    assert.equal(headers["X-CSRFToken"], "secret");
    setOnline(true);
    const next = await open();
    await until(isEmpty(next));
    assert.deepEqual([...server.answers], [["a", 1]]);
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
    const [one, other] = [await open(), await open()];
    const answered = [];
    other.addEventListener("answered-elsewhere", ({ detail }) => answered.push(detail));
    give(one, "a", 42);
    assert.deepEqual(answered, [42]);
    await until(isEmpty(one));
    await until(isEmpty(other));
    assert.deepEqual([...server.answers], [["a", 42]]);
  });

  it("undo each other's answers", async () => {
    setOnline(false);
    const [one, other] = [await open(), await open()];
    give(one, "a", 42);
    await until(isIdle(one));
    await other.undo("a", 42);
    await until(() => one.operations.size === 0);
    setOnline(true);
    one.flush();
    other.flush();
    await until(isIdle(one));
    await until(isIdle(other));
    assert.deepEqual(server.requests, []);
  });
});

describe("nextBatch", () => {
  const operation = (kind, item, error = null) => ({ id: `${kind}${item}`, kind, item, error });
  const answers = (...items) => items.map((item) => operation("answer", item));

  it("takes answers in order up to the limit", () => {
    assert.deepEqual(
      nextBatch(answers(1, 2, 3), 2).map(({ item }) => item),
      [1, 2],
    );
  });

  it("stops before the second answer about an item", () => {
    assert.deepEqual(
      nextBatch(answers(1, 2, 1, 3), 50).map(({ item }) => item),
      [1, 2],
    );
  });

  it("sends an undo alone, after what came before it", () => {
    const [undo] = [operation("undo", 9)];
    assert.deepEqual(nextBatch([undo, ...answers(1)], 50), [undo]);
    assert.deepEqual(
      nextBatch([...answers(1), undo, ...answers(2)], 50).map(({ item }) => item),
      [1],
    );
  });

  it("passes over what was rejected", () => {
    const rejected = operation("answer", 1, { status: 400 });
    assert.deepEqual(
      nextBatch([rejected, ...answers(2)], 50).map(({ item }) => item),
      [2],
    );
    assert.deepEqual(nextBatch([rejected], 50), []);
  });
});
