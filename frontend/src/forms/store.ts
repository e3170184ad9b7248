// What the device keeps: sealed records, locked drafts, and the key of the person whose session runs. Never a word in clear.

export const DATABASE = "marsad-forms";
// As Chromium (UnknownError), Firefox and Safari name what was under way when the stores went.
const TAKEN_AWAY = new Set(["AbortError", "InvalidStateError", "UnknownError"]);
export type RecordState = "draft" | "waiting" | "refused";

/** ``body``: a locked draft or a sealed record; ``about``: its title, time and place in the form, locked with the drafts' key. */
export interface StoredRecord {
  readonly id: string;
  readonly owner: string;
  readonly state: RecordState;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly about: Uint8Array<ArrayBuffer>;
}

/** The open session of one person on this device. ``until`` is in milliseconds; ``forms`` is the locked list of forms. */
export interface StoredSession {
  readonly id: "session";
  readonly owner: string;
  readonly key: CryptoKey;
  readonly serverKey: string;
  readonly serverKeyCode: string;
  readonly until: number;
  readonly forms: Uint8Array<ArrayBuffer>;
}

function settled<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("records", { keyPath: "id" }).createIndex("owner", "owner");
    request.result.createObjectStore("sessions", { keyPath: "id" });
  };
  return settled(request);
}

/** One transaction; it is whole on the disk when the promise is kept. */
async function inStores<Value>(
  names: string[],
  mode: IDBTransactionMode,
  work: (transaction: IDBTransaction) => Promise<Value>,
): Promise<Value> {
  const database = await opened();
  try {
    const transaction = database.transaction(names, mode, { durability: "strict" });
    const written = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const [value] = await Promise.all([work(transaction), written]);
    return value;
  } finally {
    database.close();
  }
}

/** Work that nobody waits for. The browser may take the stores away meanwhile, as it does on signing out: nothing is left to do. */
export function whileStored(work: Promise<unknown>): void {
  work.catch((fault: unknown) => {
    if (!(fault instanceof DOMException && TAKEN_AWAY.has(fault.name))) throw fault;
  });
}

export function recordsOf(owner: string): Promise<StoredRecord[]> {
  return inStores(["records"], "readonly", (transaction) =>
    settled(transaction.objectStore("records").index("owner").getAll(owner) as IDBRequest<StoredRecord[]>),
  );
}

/** A record of this person; another person's is as if it were not there. */
export async function recordOf(owner: string, id: string): Promise<StoredRecord | undefined> {
  return (await recordsOf(owner)).find((record) => record.id === id);
}

export function keepRecord(record: StoredRecord): Promise<void> {
  return inStores(["records"], "readwrite", async (transaction) => {
    await settled(transaction.objectStore("records").put(record));
  });
}

export async function forgetRecord(owner: string, id: string): Promise<void> {
  if (!(await recordOf(owner, id))) return;
  await inStores(["records"], "readwrite", async (transaction) => {
    await settled(transaction.objectStore("records").delete(id));
  });
}

export function session(): Promise<StoredSession | undefined> {
  return inStores(["sessions"], "readonly", (transaction) =>
    settled(transaction.objectStore("sessions").get("session") as IDBRequest<StoredSession | undefined>),
  );
}

export function keepSession(row: StoredSession): Promise<void> {
  return inStores(["sessions"], "readwrite", async (transaction) => {
    await settled(transaction.objectStore("sessions").put(row));
  });
}

/** Close the drafts of whoever was here; the records stay as they are. */
export function forgetSession(): Promise<void> {
  return inStores(["sessions"], "readwrite", async (transaction) => {
    await settled(transaction.objectStore("sessions").clear());
  });
}

/** What signing out leaves: nothing of this person. True when records of somebody else still wait on the device. */
export async function forgetPerson(owner: string): Promise<boolean> {
  return inStores(["records", "sessions"], "readwrite", async (transaction) => {
    const records = transaction.objectStore("records");
    for (const id of await settled(records.index("owner").getAllKeys(owner))) await settled(records.delete(id));
    await settled(transaction.objectStore("sessions").clear());
    return (await settled(records.count())) > 0;
  });
}

/** Whether this device has ever kept a form, asked without making the database. */
export async function hasDatabase(): Promise<boolean> {
  if (!globalThis.indexedDB) return false;
  const known = await indexedDB.databases?.();
  return known ? known.some(({ name }) => name === DATABASE) : true;
}
