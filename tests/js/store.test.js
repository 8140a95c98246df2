import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { IDBFactory } from "fake-indexeddb";

import { FakeStorage, loadPage } from "./page.js";
import { openStore } from "../../static/js/annotate/store.js";

const NAME = "3-7";
const PREFIX = `margin:outbox:${NAME}:`;

const answer = (uuid, more = {}) => ({
  id: uuid,
  kind: "answer",
  seq: 1,
  uuid,
  item: 11,
  body: { uuid },
  entry: { uuid },
  attempted: false,
  error: null,
  ...more,
});
const undoOf = (uuid) => ({ id: `${uuid}:undo`, kind: "undo", seq: 2, uuid, item: 11 });
const idsOf = async (store) => (await store.all()).map(({ id }) => id).sort();
const journalKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

/** Put an object into the database as an earlier version of the page did. */
function putDirectly(operation) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`margin-outbox-${NAME}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("ops", { keyPath: "id" });
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const transaction = request.result.transaction("ops", "readwrite");
      transaction.objectStore("ops").put(operation);
      transaction.oncomplete = () => {
        request.result.close();
        resolve();
      };
    };
  });
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  loadPage();
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => mock.timers.reset());

function everyStore(open) {
  it("keeps operations", async () => {
    const store = await open();
    await store.add(answer("a"));
    await store.add(answer("b"));
    assert.deepEqual(await store.all(), [answer("a"), answer("b")]);
  });

  it("replaces an operation with the same id: an answer is there once", async () => {
    const store = await open();
    await store.add(answer("a"));
    await store.add(answer("a", { seq: 5 }));
    assert.deepEqual(await store.all(), [answer("a", { seq: 5 })]);
  });

  it("marks what is claimed as perhaps sent, and leaves out what is gone", async () => {
    const store = await open();
    await store.add(answer("a"));
    const claimed = await store.claim(["a", "gone"]);
    assert.deepEqual(
      claimed.map(({ id }) => id),
      ["a"],
    );
    const [stored] = await store.all();
    assert.equal(stored.attempted, true);
  });

  it("withdraws an answer that was never sent, without a trace", async () => {
    const store = await open();
    await store.add(answer("a"));
    assert.equal(await store.withdraw(undoOf("a")), true);
    assert.deepEqual(await store.all(), []);
  });

  it("puts an undo behind an answer that may have been sent", async () => {
    const store = await open();
    await store.add(answer("a"));
    await store.claim(["a"]);
    assert.equal(await store.withdraw(undoOf("a")), false);
    assert.deepEqual(await idsOf(store), ["a", "a:undo"]);
  });

  it("withdraws an answer that the server rejected", async () => {
    const store = await open();
    await store.add(answer("a"));
    await store.claim(["a"]);
    await store.reject("a", { status: 400, code: "invalid", message: "No such label." });
    assert.equal(await store.withdraw(undoOf("a")), true);
    assert.deepEqual(await store.all(), []);
  });

  it("keeps the undo of an answer that it does not know: the server may", async () => {
    const store = await open();
    assert.equal(await store.withdraw(undoOf("sent")), false);
    assert.deepEqual(await idsOf(store), ["sent:undo"]);
  });

  it("notes why an answer was rejected, and does not bring back one that is gone", async () => {
    const store = await open();
    const error = { status: 400, code: "invalid", message: "No such label." };
    await store.add(answer("a"));
    await store.reject("a", error);
    await store.reject("gone", error);
    const stored = await store.all();
    assert.deepEqual(
      stored.map((operation) => [operation.id, operation.error]),
      [["a", error]],
    );
  });

  it("removes operations, and does not mind those that are gone", async () => {
    const store = await open();
    await store.add(answer("a"));
    await store.add(answer("b"));
    await store.remove(["a", "gone"]);
    assert.deepEqual(await idsOf(store), ["b"]);
  });
}

describe("the store in IndexedDB", () => {
  everyStore(() => openStore(NAME));

  it("is durable", async () => {
    assert.equal((await openStore(NAME)).isDurable, true);
  });

  it("has an answer in localStorage before it returns", async () => {
    const store = await openStore(NAME);
    const added = store.add(answer("a"));
    assert.deepEqual(journalKeys(), [`${PREFIX}a`]);
    await added;
    assert.deepEqual(journalKeys(), []); // IndexedDB has it
  });

  it("takes over what a closed tab left in localStorage", async () => {
    localStorage.setItem(`${PREFIX}a`, JSON.stringify(answer("a")));
    const store = await openStore(NAME);
    assert.deepEqual(await store.all(), [answer("a")]);
    await store.claim(["a"]);
    assert.deepEqual(journalKeys(), []);
  });

  it("leaves alone what another person or project keeps", async () => {
    localStorage.setItem("margin:outbox:3-77:a", JSON.stringify(answer("a")));
    localStorage.setItem("margin:theme", "dark");
    const store = await openStore(NAME);
    assert.deepEqual(await store.all(), []);
    assert.equal(localStorage.getItem("margin:theme"), "dark");
  });

  it("reads what earlier versions of the page kept", async () => {
    const kept = {
      id: "11111111-1111-4111-8111-111111111111",
      kind: "answer",
      uuid: "11111111-1111-4111-8111-111111111111",
      item: 11,
      body: {
        uuid: "1",
        item: 11,
        outcome: "label",
        value: { labels: ["ham"] },
        seconds: 2.5,
        comment: "",
        suggestion_shown: false,
      },
      entry: {
        uuid: "1",
        outcome: "label",
        value: { labels: ["ham"] },
        row: { item: { id: 11, content: { text: "Hi" } } },
      },
      seq: 1733000000000,
      attempted: true,
      error: null,
    };
    await putDirectly(kept);
    localStorage.setItem(`${PREFIX}2`, JSON.stringify({ ...kept, id: "2" }));
    const store = await openStore(NAME);
    assert.deepEqual((await store.all()).map(({ id }) => id).sort(), [kept.id, "2"]);
    assert.deepEqual((await store.claim([kept.id]))[0].body, kept.body);
  });

  it("does not mind what other tabs do to localStorage meanwhile", async () => {
    localStorage.setItem(`${PREFIX}probe`, ""); // a tab tries whether it may write
    localStorage.setItem(`${PREFIX}gone`, "{}");
    localStorage.setItem(`${PREFIX}a`, JSON.stringify(answer("a")));
    const { getItem } = FakeStorage.prototype;
    localStorage.getItem = (key) => (key.endsWith("gone") ? null : getItem.call(localStorage, key)); // removed just now
    const store = await openStore(NAME);
    assert.deepEqual(await idsOf(store), ["a"]);
  });

  it("works on when localStorage is full", async () => {
    globalThis.localStorage = new FakeStorage(1);
    localStorage.setItem("other", "x");
    const store = await openStore(NAME);
    await store.add(answer("a"));
    assert.deepEqual(await idsOf(store), ["a"]);
    assert.equal(store.isDurable, true);
  });

  it("shares operations between tabs, and only one of two withdrawals finds the answer", async () => {
    const [one, other] = [await openStore(NAME), await openStore(NAME)];
    await one.add(answer("a"));
    assert.deepEqual(await idsOf(other), ["a"]);
    const withdrawn = await Promise.all([one.withdraw(undoOf("a")), other.withdraw(undoOf("a"))]);
    assert.deepEqual(withdrawn.sort(), [false, true]);
  });

  it("opens the database again that the browser closed", async () => {
    const store = await openStore(NAME);
    await store.add(answer("a"));
    store.database.close();
    await store.add(answer("b"));
    assert.deepEqual(await idsOf(store), ["a", "b"]);
  });
});

describe("the store in localStorage alone", () => {
  const open = () => {
    globalThis.indexedDB = {
      open: () => {
        throw new Error("SecurityError");
      },
    };
    return openStore(NAME);
  };
  everyStore(open);

  it("is durable: another page finds the answers", async () => {
    const store = await open();
    assert.equal(store.isDurable, true);
    await store.add(answer("a"));
    assert.deepEqual(await idsOf(await open()), ["a"]);
  });

  it("is used where the database cannot be opened", async () => {
    globalThis.indexedDB = {
      open() {
        const request = {};
        queueMicrotask(() => request.onerror());
        return request;
      },
    };
    const store = await openStore(NAME);
    await store.add(answer("a"));
    assert.deepEqual(journalKeys(), [`${PREFIX}a`]);
  });
});

describe("the store of a browser that keeps nothing", () => {
  const open = () => {
    globalThis.indexedDB = undefined;
    globalThis.localStorage = undefined;
    return openStore(NAME);
  };
  everyStore(open);

  it("says so", async () => {
    assert.equal((await open()).isDurable, false);
  });
});
