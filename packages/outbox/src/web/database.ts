/** The version of the database layout. Rows have a separate version: see `core/upgrade.ts`. */
const layout = 1;

/** @throws if the browser has no storage for this page, as in some private windows */
export function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, layout);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('rows', { keyPath: 'id' });
    request.result.createObjectStore('bytes');
  };
  return resultOf(request);
}

export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when the transaction is on disk (`durability: 'strict'`). */
export function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
  });
}
