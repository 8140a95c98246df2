/**
 * Where answers wait in this browser until the server has them.
 *
 * Every operation is first written to localStorage, which is synchronous: it is safe before the
 * screen moves on. IndexedDB takes it over and decides, in transactions that all tabs share, whether
 * an answer may still be withdrawn. Without IndexedDB the journal itself is the store; without
 * either the answers live in this page only, and `durable` is false so that the page can say so.
 *
 * @typedef {object} Op
 * @property {string} id the answer's uuid, or uuid + ":undo"
 * @property {"answer"|"undo"} kind
 * @property {number} seq order of sending
 * @property {string} uuid of the answer
 * @property {number} item
 * @property {object} [body] what is sent
 * @property {object} [entry] what the list of last answers shows
 * @property {boolean} [attempted] it may have reached the server
 * @property {{status: number, code: string, message: string}|null} [error] why the server will not have it
 */

const TABLE = "ops";
const PATIENCE_MS = 5000; // some browsers never answer where storage is restricted

/** Open the store of one person in one project. @param {string} name */
export async function openStore(name) {
  const journal = openJournal(name);
  const database = await openDatabase(`margin-outbox-${name}`);
  if (!database) return new JournalStore(journal);
  const store = new DatabaseStore(`margin-outbox-${name}`, database, journal);
  for (const op of journal.all()) store.add(op); // left by a tab that was closed in the very moment
  return store;
}

/** @param {string} name */
function openJournal(name) {
  const prefix = `margin:outbox:${name}:`;
  let storage = null;
  try {
    localStorage.setItem(`${prefix}probe`, "");
    localStorage.removeItem(`${prefix}probe`);
    storage = localStorage;
  } catch {
    // forbidden or full
  }
  const memory = new Map();
  return {
    durable: storage !== null,
    put(op) {
      memory.set(op.id, op);
      try {
        storage?.setItem(prefix + op.id, JSON.stringify(op));
      } catch {
        // full: IndexedDB takes it all the same
      }
    },
    get: (id) => memory.get(id),
    remove(id) {
      memory.delete(id);
      storage?.removeItem(prefix + id);
    },
    /** @returns {Op[]} */
    all() {
      if (!storage) return [...memory.values()];
      const keys = Object.keys(storage).filter((key) => key.startsWith(prefix));
      return keys.map((key) => JSON.parse(storage.getItem(key)));
    },
  };
}

/** @param {string} name @returns {Promise<IDBDatabase|null>} */
function openDatabase(name) {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS, null);
    let request;
    try {
      request = indexedDB.open(name, 1);
    } catch {
      resolve(null);
      return;
    }
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => resolve(null);
  });
}

class DatabaseStore {
  /** @param {string} name @param {IDBDatabase} database */
  constructor(name, database, journal) {
    this.name = name;
    this.database = database;
    this.journal = journal;
    this.durable = true;
  }

  /** Run `work` in one transaction and resolve with what it returned once all is committed. */
  async transaction(work) {
    const transaction = await this.begin();
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const [result] = await Promise.all([work(transaction.objectStore(TABLE)), done]);
    return result;
  }

  async begin() {
    try {
      return this.database.transaction(TABLE, "readwrite");
    } catch (error) {
      if (error.name !== "InvalidStateError") throw error;
      this.database = (await openDatabase(this.name)) ?? this.database; // browsers close it behind our back
      return this.database.transaction(TABLE, "readwrite");
    }
  }

  /** @param {Op} op */
  async add(op) {
    this.journal.put(op);
    await this.transaction((table) => void table.put(op));
    this.journal.remove(op.id);
  }

  /** @returns {Promise<Op[]>} */
  async all() {
    const stored = await this.transaction((table) => answerOf(table.getAll()));
    const known = new Set(stored.map((op) => op.id));
    return [...stored, ...this.journal.all().filter((op) => !known.has(op.id))];
  }

  /** Mark as perhaps sent and return those that are still there. @param {string[]} ids */
  claim(ids) {
    return this.transaction(async (table) => {
      const stored = await Promise.all(ids.map((id) => answerOf(table.get(id))));
      const ops = stored.map((op, at) => op ?? this.journal.get(ids[at])).filter(Boolean);
      for (const op of ops) table.put({ ...op, attempted: true });
      return ops;
    });
  }

  /** Remove an answer that cannot have reached the server, else put its undo behind it.
   * @param {Op} undo @returns {Promise<boolean>} whether it was removed */
  withdraw(undo) {
    this.journal.remove(undo.uuid);
    return this.transaction(async (table) => {
      const op = await answerOf(table.get(undo.uuid));
      if (op && (op.error || !op.attempted)) {
        table.delete(op.id);
        return true;
      }
      table.put(undo);
      return false;
    });
  }

  /** @param {string} id @param {object} error */
  refuse(id, error) {
    return this.transaction(async (table) => {
      const op = await answerOf(table.get(id));
      if (op) table.put({ ...op, error });
    });
  }

  /** @param {string[]} ids */
  remove(ids) {
    for (const id of ids) this.journal.remove(id);
    return this.transaction((table) => ids.forEach((id) => table.delete(id)));
  }
}

/** @param {IDBRequest} request */
function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The same on the journal alone. */
class JournalStore {
  constructor(journal) {
    this.journal = journal;
    this.durable = journal.durable;
  }

  async add(op) {
    this.journal.put(op);
  }

  async all() {
    return this.journal.all();
  }

  async claim(ids) {
    const ops = this.journal.all().filter((op) => ids.includes(op.id));
    for (const op of ops) this.journal.put({ ...op, attempted: true });
    return ops;
  }

  async withdraw(undo) {
    const op = this.journal.all().find((one) => one.id === undo.uuid);
    if (op && (op.error || !op.attempted)) {
      this.journal.remove(op.id);
      return true;
    }
    this.journal.put(undo);
    return false;
  }

  async refuse(id, error) {
    const op = this.journal.all().find((one) => one.id === id);
    if (op) this.journal.put({ ...op, error });
  }

  async remove(ids) {
    for (const id of ids) this.journal.remove(id);
  }
}
