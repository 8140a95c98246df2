/**
 * Answers on their way to the server: kept in this browser, sent in order, each counted once.
 *
 * Nothing is ever dropped but by the server's word or the person's. Sending twice is harmless (the
 * server knows the uuid), so a crash at any point is repaired by sending again. Only one tab sends
 * at a time, under a Web Lock.
 *
 * Events: `change`; `saved`, with the operations; `notice`, with a message; `answered-elsewhere`, with the id of an item.
 */

import { api as callApi, ApiError, requestOptions } from "../api.js";
import { openStore } from "./store.js";

/**
 * @typedef {import("./store.js").Operation} Operation
 * @typedef {{type: "answered", item: number}|{type: "changed"}} TabMessage
 * @typedef {{status: number, code: string, message: string}} Refusal
 */

const MAX_BATCH_ANSWERS = 50;
const REQUEST_TIMEOUT_MS = 20_000;
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000];
const MAX_KEEPALIVE_CHARACTERS = 60_000; // browsers allow 64 KiB
const SIGNED_OUT = 401;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const CONFLICT = 409;
const REMOVED = "removed"; // from the project
const NOT_ASSIGNED = "not_assigned"; // about one answer; any other 403 is about all of them

export class Outbox extends EventTarget {
  /** @param {{user: number, project: number, api?: typeof callApi}} options */
  constructor({ user, project, api = callApi }) {
    super();
    this.name = `${user}-${project}`;
    this.project = project;
    this.api = api;
    /** @type {Map<string, Operation>} by id */
    this.operations = new Map();
    /** @type {Set<string>} ids that were sent or withdrawn here: never to be read back */
    this.finishedIds = new Set();
    /** @type {import("./store.js").Store|null} null until it is open */
    this.store = null;
    this.isRunning = false;
    this.shouldRun = false;
    this.failures = 0; // in a row
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.retryTimer = undefined;
    this.singleSends = 0; // how many answers go one by one, to find the one that the server rejects
    this.lastSeq = 0;
    /** @type {null|Refusal} the server rejects all of it: signed out, somebody else signed in, not a member any more */
    this.blocked = null;
    /** @type {""|"offline"|"server"} why the last request failed */
    this.failure = "";
    this.channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`margin-outbox-${this.name}`) : null;
  }

  /** Read what an earlier page left, and start sending. */
  async open() {
    this.store = await openStore(this.name);
    await this.reload();
    this.channel?.addEventListener("message", ({ data }) => this.handleMessage(data));
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.notify());
    addEventListener("pagehide", () => this.sendOnPageHide());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retry());
    this.flush();
  }

  /** @param {"change"|"saved"|"notice"|"answered-elsewhere"} type @param {(detail: any) => void} handler */
  on(type, handler) {
    this.addEventListener(type, (event) => handler(/** @type {CustomEvent} */ (event).detail));
  }

  // State

  get waiting() {
    return this.sorted().filter(({ error }) => !error);
  }

  get rejected() {
    return this.sorted().filter(({ error }) => error);
  }

  get isOffline() {
    return navigator.onLine === false;
  }

  get isDurable() {
    return this.store?.isDurable ?? true;
  }

  /** Items with an answer that the server may not have yet. */
  itemIds() {
    return new Set([...this.operations.values()].map(({ item }) => item));
  }

  // Operations

  /** Keep an answer and send it; it is safe when this returns.
   * @param {import("../types.js").AnswerBody} body @param {import("../types.js").HistoryEntry} entry */
  answer(body, entry) {
    this.enqueue({ id: body.uuid, kind: "answer", uuid: body.uuid, item: body.item, body, entry });
    this.broadcast({ type: "answered", item: body.item });
    this.flush();
  }

  /** Undo an answer, wherever it is by now. @param {string} uuid @param {number} itemId */
  async undo(uuid, itemId) {
    /** @type {Operation} */
    const undo = { id: `${uuid}:undo`, kind: "undo", uuid, item: itemId, seq: this.nextSeq() };
    const answer = this.operations.get(uuid);
    if (answer && (answer.error || !answer.attempted)) {
      this.operations.delete(uuid);
    } // on the screen at once
    else this.operations.set(undo.id, undo);
    this.notify();
    if (await this.store?.withdraw(undo)) this.finish([uuid, undo.id]);
    this.broadcast({ type: "changed" });
    await this.reload();
    this.flush();
  }

  /** Forget an answer that the server does not accept. @param {string} id */
  async discard(id) {
    this.finish([id]);
    await this.store?.remove([id]);
    this.broadcast({ type: "changed" });
  }

  /** Forget everything that waits. */
  async discardAll() {
    const ids = [...this.operations.keys()];
    this.blocked = null;
    this.finish(ids);
    await this.store?.remove(ids);
    this.broadcast({ type: "changed" });
  }

  /** Try again now what waits for a delay to end, or also what was rejected. */
  async retry({ rejected = false } = {}) {
    if (!this.store) return;
    this.blocked = null;
    this.failures = 0;
    if (rejected) {
      for (const operation of this.rejected) {
        operation.error = null;
        await this.store.add(operation);
      }
    }
    this.flush();
  }

  /** Send an answer once more, in place of the one that the server has from another device.
   * @param {Operation} operation that was rejected for it */
  async replaceStored({ id }) {
    const operation = this.operations.get(id);
    const stored = operation?.error?.details?.answer;
    if (!operation?.body || !stored || !this.store) return;
    operation.body.replaces = stored.uuid;
    operation.error = null;
    await this.store.add(operation);
    this.notify();
    this.flush();
  }

  /** Stop sending until somebody does something about it. @param {ApiError} error */
  block({ status, code, message }) {
    this.blocked = { status, code, message };
    this.notify();
  }

  // Sending

  flush() {
    clearTimeout(this.retryTimer);
    this.shouldRun = true;
    if (!this.isRunning && this.store) this.run(this.store);
  }

  /** @param {import("./store.js").Store} store */
  async run(store) {
    this.isRunning = true;
    try {
      while (this.shouldRun && !this.blocked && !this.isOffline) {
        this.shouldRun = false;
        await withLock(`margin-outbox-${this.name}`, () => this.sendAll(store));
      }
    } catch (error) {
      this.handleFailure(error);
    }
    this.isRunning = false;
    this.notify();
  }

  /** @param {import("./store.js").Store} store */
  async sendAll(store) {
    for (;;) {
      await this.reload();
      const batch = nextBatch(this.sorted(), this.singleSends > 0 ? 1 : MAX_BATCH_ANSWERS);
      if (!batch.length) return;
      const claimed = await store.claim(batch.map(({ id }) => id));
      for (const { id } of claimed) {
        const operation = this.operations.get(id);
        if (operation) operation.attempted = true;
      }
      if (!claimed.length) continue;
      await this.send(store, claimed);
      this.singleSends = Math.max(0, this.singleSends - 1);
      this.failures = 0;
      this.failure = "";
    }
  }

  /** @param {import("./store.js").Store} store @param {Operation[]} operations one undo, or answers about different items */
  async send(store, operations) {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const [{ kind, uuid }] = operations;
    try {
      if (kind === "undo") await this.api("POST", `annotations/${uuid}/undo/`, undefined, { signal });
      else await this.api("POST", `projects/${this.project}/annotations/`, bodiesOf(operations), { signal });
    } catch (error) {
      if (!(error instanceof ApiError) || error.isTransient) throw error;
      if (isAboutAll(error)) throw error;
      if (kind === "answer") {
        if (error.status === NOT_FOUND) throw error;
        await this.setRejected(store, operations, error);
        return;
      }
      // unknown there, or a later answer has replaced it: there is nothing left to undo
      if (error.status !== NOT_FOUND) this.dispatchEvent(new CustomEvent("notice", { detail: error.message }));
    }
    const ids = operations.map(({ id }) => id);
    this.finish(ids);
    await store.remove(ids);
    this.broadcast({ type: "changed" });
    this.dispatchEvent(new CustomEvent("saved", { detail: operations }));
  }

  /** The server accepted none of them because of one: mark that one, and go on with the rest.
   * @param {import("./store.js").Store} store @param {Operation[]} operations @param {ApiError} error */
  async setRejected(store, operations, error) {
    const culprit =
      operations.length === 1 ? operations[0] : operations.find(({ uuid }) => uuid === error.details.uuid);
    if (!culprit) {
      this.singleSends = operations.length + 1;
      return;
    }
    const { status, code, message, details } = error;
    const rejection = { status, code, message, ...(status === CONFLICT ? { details } : {}) };
    const operation = this.operations.get(culprit.id);
    if (operation) operation.error = rejection;
    await store.reject(culprit.id, rejection);
    this.notify();
  }

  /** @param {unknown} error */
  handleFailure(error) {
    const status = error instanceof ApiError ? error.status : 0;
    if (error instanceof ApiError && [SIGNED_OUT, FORBIDDEN, NOT_FOUND].includes(status)) {
      this.block(error);
      return;
    }
    this.failure = status >= 400 ? "server" : "offline";
    const delay = RETRY_DELAYS_MS[Math.min(this.failures++, RETRY_DELAYS_MS.length - 1)];
    this.retryTimer = setTimeout(() => this.flush(), delay * (0.75 + Math.random() / 2));
  }

  /** A last attempt while the page goes away; what it sends stays here and is confirmed at the next visit. */
  sendOnPageHide() {
    const batch = nextBatch(this.sorted(), MAX_BATCH_ANSWERS).filter(({ kind }) => kind === "answer");
    if (!batch.length || this.blocked) return;
    this.store?.claim(batch.map(({ id }) => id)).catch(() => {});
    const options = requestOptions("POST", bodiesOf(batch));
    if (String(options.body).length > MAX_KEEPALIVE_CHARACTERS) return;
    fetch(`/api/v1/projects/${this.project}/annotations/`, { ...options, keepalive: true }).catch(() => {});
  }

  // Bookkeeping

  /** @param {Omit<Operation, "seq">} operation */
  enqueue(operation) {
    const queued = { ...operation, seq: this.nextSeq(), attempted: false, error: null };
    this.operations.set(queued.id, queued);
    this.store?.add(queued).catch(() => {}); // the journal has it
    this.notify();
  }

  nextSeq() {
    this.lastSeq = Math.max(Date.now(), this.lastSeq + 0.001);
    return this.lastSeq;
  }

  sorted() {
    return [...this.operations.values()].sort((a, b) => a.seq - b.seq);
  }

  /** @param {string[]} ids */
  finish(ids) {
    for (const id of ids) {
      this.operations.delete(id);
      this.finishedIds.add(id);
    }
    this.notify();
  }

  /** Take over what other tabs have added and sent; keep what was added here while reading. */
  async reload() {
    if (!this.store) return;
    const before = new Set(this.operations.keys());
    const stored = (await this.store.all()).filter(({ id }) => !this.finishedIds.has(id));
    const added = [...this.operations.values()].filter(({ id }) => !before.has(id));
    this.operations = new Map([...stored, ...added].map((operation) => [operation.id, operation]));
    this.notify();
  }

  /** @param {TabMessage} message */
  async handleMessage(message) {
    if (message.type === "answered") {
      this.dispatchEvent(new CustomEvent("answered-elsewhere", { detail: message.item }));
    }
    await this.reload();
  }

  /** @param {TabMessage} message */
  broadcast(message) {
    this.channel?.postMessage(message);
  }

  notify() {
    this.dispatchEvent(new Event("change"));
  }
}

/** Whether the server refuses the person and not the answer. @param {ApiError} error */
function isAboutAll({ status, code }) {
  return status === SIGNED_OUT || (status === FORBIDDEN && code !== NOT_ASSIGNED) || code === REMOVED;
}

/** What the next request sends: one undo, or answers in order, no item twice.
 * @param {Operation[]} operations in order @param {number} maxAnswers @returns {Operation[]} */
export function nextBatch(operations, maxAnswers) {
  const batch = [];
  const items = new Set();
  for (const operation of operations) {
    if (operation.error) continue;
    if (operation.kind === "undo") return batch.length ? batch : [operation];
    if (items.has(operation.item) || batch.length >= maxAnswers) break;
    items.add(operation.item);
    batch.push(operation);
  }
  return batch;
}

/** @param {Operation[]} operations */
function bodiesOf(operations) {
  return operations.map(({ body }) => body);
}

/** Do something while no other tab does the same. @param {string} name @param {() => Promise<void>} work */
function withLock(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}
