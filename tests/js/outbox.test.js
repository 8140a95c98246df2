import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";

import { dispatchToWindow, setOnline } from "./page.js";
import { answer, makeBody, openOutbox, Server, until, untilEmpty, untilIdle, useFreshBrowser } from "./outbox_setup.js";
import { ApiError } from "../../static/js/api.js";
import { nextBatch } from "../../static/js/annotate/outbox.js";

let server;

useFreshBrowser();
beforeEach(() => {
  server = new Server();
});

describe("Outbox", () => {
  it("sends an answer and forgets it once the server has it", async () => {
    const outbox = await openOutbox(server);
    const saved = [];
    outbox.on("saved", (operations) => saved.push(...operations.map(({ uuid }) => uuid)));
    answer(outbox, "a", 1);
    assert.deepEqual([...outbox.itemIds()], [1]);
    await untilEmpty(outbox);
    assert.deepEqual(server.requests, [["projects/7/annotations/", ["a"]]]);
    assert.deepEqual(saved, ["a"]);
  });

  it("sends what piled up in order, together", async () => {
    setOnline(false);
    const outbox = await openOutbox(server);
    for (let item = 1; item <= 3; item += 1) answer(outbox, `u${item}`, item);
    assert.equal(outbox.waiting.length, 3);
    setOnline(true);
    dispatchToWindow("online");
    await untilEmpty(outbox);
    assert.deepEqual(server.requests, [["projects/7/annotations/", ["u1", "u2", "u3"]]]);
  });

  it("sends fifty answers a request at most", async () => {
    setOnline(false);
    const outbox = await openOutbox(server);
    for (let item = 1; item <= 120; item += 1) answer(outbox, `u${item}`, item);
    setOnline(true);
    outbox.flush();
    await untilEmpty(outbox);
    assert.deepEqual(
      server.requests.map(([, uuids]) => uuids.length),
      [50, 50, 20],
    );
    assert.equal(server.answers.size, 120);
  });

  it("sends again after the network was lost, with the same uuid", async () => {
    server.failTimes(1, new ApiError(0, { message: "The server cannot be reached." }));
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await until(() => outbox.failure === "offline" && !outbox.isRunning);
    assert.equal(outbox.waiting.length, 1);
    mock.timers.tick(1000);
    await untilEmpty(outbox);
    assert.deepEqual(server.batches, [["a"], ["a"]]);
    assert.equal(outbox.failure, "");
  });

  it("waits longer after each failure, and not at all when the network is back", async () => {
    server.failTimes(3, new ApiError(503, { message: "Down." }));
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await until(() => server.requests.length === 1 && !outbox.isRunning);
    assert.equal(outbox.failure, "server");
    mock.timers.tick(700); // of 375 to 625
    await until(() => server.requests.length === 2 && !outbox.isRunning);
    mock.timers.tick(700); // of 750 to 1250
    await untilIdle(outbox);
    assert.equal(server.requests.length, 2);
    mock.timers.tick(600);
    await until(() => server.requests.length === 3 && !outbox.isRunning);
    dispatchToWindow("online");
    await untilEmpty(outbox);
  });

  it("counts an answer once that the server got before the network was lost", async () => {
    const outbox = await openOutbox(server);
    let isFirst = true;
    const { api } = server;
    outbox.api = async (...request) => {
      await api(...request);
      if (isFirst) {
        isFirst = false;
        throw new ApiError(0, {});
      }
    };
    answer(outbox, "a", 1);
    await until(() => outbox.failure && !outbox.isRunning);
    outbox.retry();
    await untilEmpty(outbox);
    assert.equal(server.requests.length, 2);
    assert.deepEqual([...server.answers], [["a", 1]]);
  });

  it("keeps answers for the next page, which sends them", async () => {
    setOnline(false);
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await untilIdle(outbox);
    setOnline(true);
    const next = await openOutbox(server);
    await untilEmpty(next);
    assert.deepEqual([...server.answers], [["a", 1]]);
  });

  it("puts the second answer about an item into a request of its own", async () => {
    setOnline(false);
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    answer(outbox, "b", 1);
    setOnline(true);
    outbox.flush();
    await untilEmpty(outbox);
    assert.deepEqual(server.batches, [["a"], ["b"]]);
  });
});

describe("Outbox.undo", () => {
  it("withdraws an answer that was not sent: the server never hears of it", async () => {
    setOnline(false);
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await outbox.undo("a", 1);
    assert.equal(outbox.operations.size, 0);
    setOnline(true);
    outbox.flush();
    await untilIdle(outbox);
    assert.deepEqual(server.requests, []);
  });

  it("tells the server of one that it has", async () => {
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await untilEmpty(outbox);
    await outbox.undo("a", 1);
    await untilEmpty(outbox);
    assert.deepEqual(server.requests.at(-1), ["annotations/a/undo/", undefined]);
  });

  it("follows an answer that may have arrived", async () => {
    server.failTimes(1, new ApiError(0, {}));
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await until(() => outbox.failure && !outbox.isRunning);
    await outbox.undo("a", 1);
    await untilEmpty(outbox);
    assert.deepEqual(
      server.requests.map(([path]) => path),
      ["projects/7/annotations/", "projects/7/annotations/", "annotations/a/undo/"],
    );
  });

  it("is done with where the server does not know the answer", async () => {
    server.fail = (path) => {
      if (path.endsWith("/undo/")) throw new ApiError(404, { message: "Not found." });
    };
    const outbox = await openOutbox(server);
    await outbox.undo("unknown", 1);
    await untilEmpty(outbox);
    assert.equal(outbox.blocked, null);
  });

  it("says why where the server does not undo it", async () => {
    server.fail = (path) => {
      if (path.endsWith("/undo/")) throw new ApiError(409, { message: "A later answer stands." });
    };
    const outbox = await openOutbox(server);
    const notices = [];
    outbox.on("notice", (message) => notices.push(message));
    await outbox.undo("a", 1);
    await untilEmpty(outbox);
    assert.deepEqual(notices, ["A later answer stands."]);
  });
});

describe("a page that is closed", () => {
  it("sends what waits with keepalive, and keeps it until the server has confirmed it", async () => {
    const calls = [];
    globalThis.fetch = async (address, options) => void calls.push([address, options]);
    setOnline(false);
    const outbox = await openOutbox(server);
    answer(outbox, "a", 1);
    await untilIdle(outbox);
    dispatchToWindow("pagehide");
    const [address, { keepalive, body: sent, headers }] = calls.at(-1);
    assert.equal(address, "/api/v1/projects/7/annotations/");
    assert.equal(keepalive, true);
    assert.deepEqual(JSON.parse(sent), [makeBody("a", 1)]);
    assert.equal(headers["X-CSRFToken"], "secret");
    setOnline(true);
    const next = await openOutbox(server);
    await untilEmpty(next);
    assert.deepEqual([...server.answers], [["a", 1]]);
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
