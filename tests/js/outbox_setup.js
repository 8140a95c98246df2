/** An outbox with a server and a browser made for one test. */

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock } from "node:test";
import { IDBFactory } from "fake-indexeddb";

import { loadPage } from "./page.js";
import { Outbox } from "../../static/js/annotate/outbox.js";

export const makeBody = (uuid, item) => {
  return { uuid, item, outcome: "label", value: { labels: ["ham"] }, duration_seconds: 1, comment: "" };
};
const makeEntry = (uuid, item) => {
  return { uuid, outcome: "label", value: { labels: ["ham"] }, row: { item: { id: item } } };
};

export const answer = (outbox, uuid, item) => outbox.answer(makeBody(uuid, item), makeEntry(uuid, item));

/** A server that keeps each uuid once. `fail` is called before every request and may throw. */
export class Server {
  constructor() {
    /** Path and uuids of each request. */
    this.requests = [];
    this.answers = new Map();
    this.fail = () => {};
    this.api = async (method, path, data) => {
      assert.equal(method, "POST");
      this.requests.push([path, data?.map(({ uuid }) => uuid)]);
      await this.fail(path, data);
      for (const { uuid, item } of data ?? []) this.answers.set(uuid, item);
    };
  }

  /** The uuids of each request that sent answers. */
  get batches() {
    return this.requests.map(([, uuids]) => uuids);
  }

  /** Fail this many times. */
  failTimes(count, error) {
    let left = count;
    this.fail = () => {
      if (left-- > 0) throw error;
    };
  }
}

/** Open an outbox as a page does. @param {Server} server */
export async function openOutbox(server) {
  const outbox = new Outbox({ user: 3, project: 7, api: server.api });
  await outbox.open();
  return outbox;
}

/** Wait until something holds; the outbox works in the background. */
export async function until(condition) {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) assert.fail(`never: ${condition}`);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

export const untilEmpty = (outbox) => until(() => outbox.operations.size === 0 && !outbox.isRunning);
export const untilIdle = (outbox) => until(() => !outbox.isRunning);

/** Begin each test with an empty browser, whose timers run when the test says so. */
export function useFreshBrowser() {
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory();
    loadPage();
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => mock.timers.reset());
}
