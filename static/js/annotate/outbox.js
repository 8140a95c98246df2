/**
 * Answers on their way to the server: kept in this browser, sent in order, each counted once.
 *
 * Nothing is ever dropped but by the server's word or the person's. Sending twice is harmless (the
 * server knows the uuid), so a crash at any point is repaired by sending again. Only one tab sends
 * at a time, under a Web Lock.
 */

import { api as callApi, requestOptions } from "../api.js";
import { openStore } from "./store.js";

/** @typedef {import("./store.js").Op} Op */

const MOST_AT_ONCE = 50;
const PATIENCE_MS = 20_000; // for one call
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000];
const KEEPALIVE_BYTES = 60_000; // browsers allow 64 KiB

export class Outbox extends EventTarget {
  /** @param {{user: number, project: number, api?: typeof callApi}} options */
  constructor({ user, project, api = callApi }) {
    super();
    this.name = `${user}-${project}`;
    this.project = project;
    this.api = api;
    /** @type {Map<string, Op>} */
    this.ops = new Map();
    this.gone = new Set(); // ids that were sent or withdrawn here: never to be read back
    this.store = null;
    this.running = false;
    this.again = false;
    this.failures = 0;
    this.timer = 0;
    this.oneByOne = 0;
    this.lastSeq = 0;
    /** @type {null|{status: number, message: string}} */
    this.blocked = null; // the server refuses all of it: signed out, not a member any more
    this.trouble = ""; // "": none, "offline", "server"
    this.channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`margin-outbox-${this.name}`) : null;
  }

  /** Read what an earlier page left, and start sending. */
  async open() {
    this.store = await openStore(this.name);
    await this.reload();
    this.channel?.addEventListener("message", ({ data }) => this.heard(data));
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.changed());
    addEventListener("pagehide", () => this.sendFromGrave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retry());
    this.flush();
  }

  // What the page asks

  get waiting() {
    return this.sorted().filter((op) => !op.error);
  }

  get refused() {
    return this.sorted().filter((op) => op.error);
  }

  get offline() {
    return navigator.onLine === false;
  }

  get durable() {
    return this.store?.durable ?? true;
  }

  /** Items with an answer that the server may not have yet. */
  items() {
    return new Set([...this.ops.values()].map((op) => op.item));
  }

  // What the page does

  /** Keep an answer and send it; it is safe when this returns. @param {object} body @param {object} entry */
  answer(body, entry) {
    this.put({ id: body.uuid, kind: "answer", uuid: body.uuid, item: body.item, body, entry });
    this.tell({ type: "answered", item: body.item });
    this.flush();
  }

  /** Take an answer back, wherever it is by now. @param {string} uuid @param {number} item */
  async undo(uuid, item) {
    const undo = { id: `${uuid}:undo`, kind: "undo", uuid, item, seq: this.nextSeq() };
    const known = this.ops.get(uuid);
    if (known && (known.error || !known.attempted)) {
      this.ops.delete(uuid);
    } // on the screen at once
    else this.ops.set(undo.id, undo);
    this.changed();
    if (await this.store.withdraw(undo)) this.drop([uuid, undo.id]);
    this.tell({ type: "changed" });
    await this.reload();
    this.flush();
  }

  /** Forget an answer that the server will not have. @param {string} id */
  async discard(id) {
    this.drop([id]);
    await this.store.remove([id]);
    this.tell({ type: "changed" });
  }

  /** Forget everything that waits. */
  async discardAll() {
    const ids = [...this.ops.keys()];
    this.blocked = null;
    this.drop(ids);
    await this.store.remove(ids);
  }

  /** Try again now what was refused, or what waits for its pause to end. */
  async retry({ refused = false } = {}) {
    if (!this.store) return;
    this.blocked = null;
    this.failures = 0;
    if (refused) {
      for (const op of this.refused) {
        op.error = null;
        await this.store.add(op);
      }
    }
    this.flush();
  }

  // Sending

  flush() {
    clearTimeout(this.timer);
    this.again = true;
    if (!this.running && this.store) this.run();
  }

  async run() {
    this.running = true;
    try {
      while (this.again && !this.blocked && !this.offline) {
        this.again = false;
        await exclusively(`margin-outbox-${this.name}`, () => this.sendAll());
      }
    } catch (error) {
      this.pause(error);
    }
    this.running = false;
    this.changed();
  }

  async sendAll() {
    for (;;) {
      await this.reload();
      const batch = nextBatch(this.sorted(), this.oneByOne > 0 ? 1 : MOST_AT_ONCE);
      if (!batch.length) return;
      const ops = await this.store.claim(batch.map((op) => op.id));
      for (const op of ops) if (this.ops.has(op.id)) this.ops.get(op.id).attempted = true;
      if (!ops.length) continue;
      await this.send(ops);
      this.oneByOne = Math.max(0, this.oneByOne - 1);
      this.failures = 0;
      this.trouble = "";
    }
  }

  /** @param {Op[]} ops one undo, or answers about different items */
  async send(ops) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      if (ops[0].kind === "undo") await this.api("POST", `annotations/${ops[0].uuid}/undo/`, undefined, { signal });
      else await this.api("POST", `projects/${this.project}/annotations/`, bodies(ops), { signal });
    } catch (error) {
      if (!("status" in error) || error.passing || [401, 403].includes(error.status)) throw error;
      if (ops[0].kind === "undo") {
        // unknown there, or a later answer stands in its place: there is nothing left to take back
        if (error.status !== 404) this.dispatchEvent(new CustomEvent("notice", { detail: error.message }));
      } else if (error.status === 404) {
        throw error;
      } else {
        await this.sortOut(ops, error);
        return;
      }
    }
    this.drop(ops.map((op) => op.id));
    await this.store.remove(ops.map((op) => op.id));
    this.tell({ type: "changed" });
    this.dispatchEvent(new CustomEvent("saved", { detail: ops }));
  }

  /** The server took none of them because of one: put that one aside, and go on with the rest. */
  async sortOut(ops, error) {
    const guilty = ops.length === 1 ? ops[0] : ops.find((op) => op.uuid === error.details.uuid);
    if (!guilty) {
      this.oneByOne = ops.length + 1;
      return;
    }
    const reason = { status: error.status, code: error.code, message: error.message };
    if (this.ops.has(guilty.id)) this.ops.get(guilty.id).error = reason;
    await this.store.refuse(guilty.id, reason);
    this.changed();
  }

  pause(error) {
    if ([401, 403, 404].includes(error.status)) {
      this.blocked = { status: error.status, message: error.message };
      return;
    }
    this.trouble = error.status >= 400 ? "server" : "offline";
    const pause = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)];
    this.timer = setTimeout(() => this.flush(), pause * (0.75 + Math.random() / 2));
  }

  /** A last attempt while the page goes away; what it sends stays here and is confirmed at the next visit. */
  sendFromGrave() {
    const batch = nextBatch(this.sorted(), MOST_AT_ONCE).filter((op) => op.kind === "answer");
    if (!batch.length || this.blocked) return;
    this.store.claim(batch.map((op) => op.id)).catch(() => {});
    const options = requestOptions("POST", bodies(batch));
    if (options.body.length > KEEPALIVE_BYTES) return;
    fetch(`/api/v1/projects/${this.project}/annotations/`, { ...options, keepalive: true }).catch(() => {});
  }

  // Keeping count

  put(op) {
    const whole = { ...op, seq: this.nextSeq(), attempted: false, error: null };
    this.ops.set(whole.id, whole);
    this.store.add(whole).catch(() => {}); // the journal has it
    this.changed();
  }

  nextSeq() {
    this.lastSeq = Math.max(Date.now(), this.lastSeq + 0.001);
    return this.lastSeq;
  }

  sorted() {
    return [...this.ops.values()].sort((a, b) => a.seq - b.seq);
  }

  drop(ids) {
    for (const id of ids) {
      this.ops.delete(id);
      this.gone.add(id);
    }
    this.changed();
  }

  /** Take over what other tabs have put and sent; keep what was put here while reading. */
  async reload() {
    const before = new Set(this.ops.keys());
    const stored = (await this.store.all()).filter((op) => !this.gone.has(op.id));
    const fresh = [...this.ops.values()].filter((op) => !before.has(op.id));
    this.ops = new Map([...stored, ...fresh].map((op) => [op.id, op]));
    this.changed();
  }

  async heard(message) {
    if (message.type === "answered") this.dispatchEvent(new CustomEvent("elsewhere", { detail: message.item }));
    await this.reload();
  }

  tell(message) {
    this.channel?.postMessage(message);
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The next call's operations: one undo, or answers in order, no item twice.
 * @param {Op[]} ops in order @param {number} most @returns {Op[]} */
export function nextBatch(ops, most) {
  const batch = [];
  const items = new Set();
  for (const op of ops) {
    if (op.error) continue;
    if (op.kind === "undo") return batch.length ? batch : [op];
    if (items.has(op.item) || batch.length >= most) break;
    items.add(op.item);
    batch.push(op);
  }
  return batch;
}

/** @param {Op[]} ops */
function bodies(ops) {
  return ops.map((op) => op.body);
}

/** @param {string} name @param {() => Promise<void>} work */
function exclusively(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}
