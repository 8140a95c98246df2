/**
 * Where answers wait in this browser until the server has them.
 *
 * Every operation is first written to localStorage, which is synchronous: it is safe before the
 * screen moves on. IndexedDB takes it over and decides, in transactions that all tabs share, whether
 * an answer may still be withdrawn. Without IndexedDB the journal itself is the store; without
 * either the answers live in this page only, and `isDurable` is false so that the page can say so.
 *
 * Names of databases, keys and fields must not change: browsers hold answers under them.
 */

/**
 * @typedef {object} Operation
 * @property {string} id the answer's uuid, or uuid + ":undo"
 * @property {"answer"|"undo"} kind
 * @property {number} seq order of sending
 * @property {string} uuid of the answer
 * @property {number} item
 * @property {import("../types.js").AnswerBody} [body] what is sent
 * @property {import("../types.js").HistoryEntry} [entry] what the list of last answers shows
 * @property {boolean} [attempted] it may have reached the server
 * @property {Rejection|null} [error] why the server did not accept it
 *
 * @typedef {{status: number, code: string, message: string, details?: Record<string, any>}} Rejection
 * @typedef {DatabaseStore|JournalStore} Store
 * @typedef {ReturnType<typeof openJournal>} Journal
 */

const OBJECT_STORE = "ops";
const OPEN_TIMEOUT_MS = 5000; // some browsers never answer where storage is restricted

/** Open the store of one person in one project. @param {string} name @returns {Promise<Store>} */
export async function openStore(name) {
  const journal = openJournal(name);
  const database = await openDatabase(`margin-outbox-${name}`);
  if (!database) return new JournalStore(journal);
  const store = new DatabaseStore(`margin-outbox-${name}`, database, journal);
  for (const operation of journal.all()) store.add(operation); // left by a tab that was closed before IndexedDB had it
  return store;
}

/** @param {string} name */
function openJournal(name) {
  const prefix = `margin:outbox:${name}:`;
  const storage = usableStorage(`${prefix}probe`);
  /** @type {Map<string, Operation>} */
  const memory = new Map();
  return {
    isDurable: storage !== null,
    /** @param {Operation} operation */
    put(operation) {
      memory.set(operation.id, operation);
      try {
        storage?.setItem(prefix + operation.id, JSON.stringify(operation));
      } catch {
        // full: IndexedDB takes it all the same
      }
    },
    /** @param {string} id */
    get: (id) => memory.get(id),
    /** @param {string} id */
    remove(id) {
      memory.delete(id);
      storage?.removeItem(prefix + id);
    },
    /** @returns {Operation[]} */
    all() {
      if (!storage) return [...memory.values()];
      const keys = Object.keys(storage).filter((key) => key.startsWith(prefix));
      const texts = keys.map((key) => storage.getItem(key)); // null: another tab has removed it; empty: it probes
      return texts.flatMap((text) => (text ? JSON.parse(text) : []));
    },
  };
}

/** localStorage; null where it is forbidden or full. @param {string} probe a key to try it with */
function usableStorage(probe) {
  try {
    localStorage.setItem(probe, "");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    return null;
  }
}

/** @param {string} name @returns {Promise<IDBDatabase|null>} */
function openDatabase(name) {
  return new Promise((resolve) => {
    setTimeout(resolve, OPEN_TIMEOUT_MS, null);
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => void request.result.createObjectStore(OBJECT_STORE, { keyPath: "id" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

class DatabaseStore {
  /** @param {string} name @param {IDBDatabase} database @param {Journal} journal */
  constructor(name, database, journal) {
    this.name = name;
    this.database = database;
    this.journal = journal;
    this.isDurable = true;
  }

  /** Run `work` in one transaction and resolve with what it returned once all is committed.
   * @template T @param {(objects: IDBObjectStore) => T} work @returns {Promise<Awaited<T>>} */
  async transaction(work) {
    const transaction = await this.begin();
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const [result] = await Promise.all([work(transaction.objectStore(OBJECT_STORE)), done]);
    return result;
  }

  async begin() {
    try {
      return this.database.transaction(OBJECT_STORE, "readwrite");
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
      this.database = (await openDatabase(this.name)) ?? this.database; // browsers close it behind our back
      return this.database.transaction(OBJECT_STORE, "readwrite");
    }
  }

  /** @param {Operation} operation */
  async add(operation) {
    this.journal.put(operation);
    await this.transaction((objects) => void objects.put(operation));
    this.journal.remove(operation.id);
  }

  /** @returns {Promise<Operation[]>} */
  async all() {
    const stored = await this.transaction((objects) => resultOf(objects.getAll()));
    const ids = new Set(stored.map((/** @type {Operation} */ { id }) => id));
    return [...stored, ...this.journal.all().filter(({ id }) => !ids.has(id))];
  }

  /** Mark as perhaps sent and return those that are still there. @param {string[]} ids @returns {Promise<Operation[]>} */
  claim(ids) {
    return this.transaction(async (objects) => {
      const stored = await Promise.all(ids.map((id) => resultOf(objects.get(id))));
      const operations = stored.map((operation, index) => operation ?? this.journal.get(ids[index])).filter(Boolean);
      for (const operation of operations) objects.put({ ...operation, attempted: true });
      return operations;
    });
  }

  /** Remove an answer that cannot have reached the server, else put its undo behind it.
   * @param {Operation} undo @returns {Promise<boolean>} whether it was removed */
  withdraw(undo) {
    this.journal.remove(undo.uuid);
    return this.transaction(async (objects) => {
      const answer = await resultOf(objects.get(undo.uuid));
      if (isWithdrawable(answer)) {
        objects.delete(answer.id);
        return true;
      }
      objects.put(undo);
      return false;
    });
  }

  /** Note why the server did not accept an answer. @param {string} id @param {Rejection} error */
  reject(id, error) {
    return this.transaction(async (objects) => {
      const operation = await resultOf(objects.get(id));
      if (operation) objects.put({ ...operation, error });
    });
  }

  /** @param {string[]} ids */
  async remove(ids) {
    for (const id of ids) this.journal.remove(id);
    await this.transaction((objects) => ids.forEach((id) => void objects.delete(id)));
  }
}

/** @param {IDBRequest} request @returns {Promise<any>} */
function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Whether an answer has certainly not reached the server. @param {Operation|undefined} answer @returns {answer is Operation} */
function isWithdrawable(answer) {
  return answer !== undefined && (Boolean(answer.error) || !answer.attempted);
}

/** The same on the journal alone. */
class JournalStore {
  /** @param {Journal} journal */
  constructor(journal) {
    this.journal = journal;
    this.isDurable = journal.isDurable;
  }

  /** @param {Operation} operation */
  async add(operation) {
    this.journal.put(operation);
  }

  async all() {
    return this.journal.all();
  }

  /** @param {string[]} ids */
  async claim(ids) {
    const operations = this.journal.all().filter(({ id }) => ids.includes(id));
    for (const operation of operations) this.journal.put({ ...operation, attempted: true });
    return operations;
  }

  /** @param {Operation} undo */
  async withdraw(undo) {
    const answer = this.journal.all().find(({ id }) => id === undo.uuid);
    if (isWithdrawable(answer)) {
      this.journal.remove(answer.id);
      return true;
    }
    this.journal.put(undo);
    return false;
  }

  /** @param {string} id @param {Rejection} error */
  async reject(id, error) {
    const operation = this.journal.all().find((candidate) => candidate.id === id);
    if (operation) this.journal.put({ ...operation, error });
  }

  /** @param {string[]} ids */
  async remove(ids) {
    for (const id of ids) this.journal.remove(id);
  }
}
