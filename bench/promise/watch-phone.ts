import type { Page } from 'playwright-core';

/** The times of an upload on the device, in epoch milliseconds. */
export interface Sent {
  readonly presigned: number;
  readonly firstByte: number;
  readonly uploaded: number;
  readonly bytes: number;
}

/** A photo on the device. */
interface Kept {
  readonly id: string;
  readonly angle: number;
  readonly shutter: number;
}

export type Part = 'preview' | 'original';

/** Watches the requests of the capture app. */
export class PhoneWatch {
  readonly #page: Page;
  readonly #presigned = new Map<string, number>();
  /** Keyed by the path of the signed URL. */
  readonly #names = new Map<string, string>();
  readonly #sent = new Map<string, Sent>();

  constructor(page: Page) {
    this.#page = page;
    page.on('requestfinished', (request) => {
      const { startTime, requestStart, responseEnd } = request.timing();
      const { pathname } = new URL(request.url());
      const end = startTime + responseEnd;
      if (request.method() === 'POST' && pathname === '/presign') {
        const { image_id, kind = 'original' } = request.postDataJSON() as { image_id: string; kind?: Part };
        const name = `${image_id} ${kind}`;
        this.#presigned.set(name, end);
        void request
          .response()
          .then((reply) => reply?.json())
          .then((reply) => this.#names.set(new URL(reply.upload_url).pathname, name))
          .catch(() => undefined);
      } else if (request.method() === 'PUT') {
        const bytes = Number(request.headers()['content-length'] ?? 0) || request.postDataBuffer()?.length || 0;
        const times = { firstByte: startTime + Math.max(0, requestStart), uploaded: end, bytes };
        this.#sent.set(pathname, { presigned: Number.NaN, ...times });
      }
    });
  }

  /** Records when the number of stored photos increases. */
  async watchStored(): Promise<void> {
    await this.#page.evaluate(() => {
      const times: number[] = [];
      Object.assign(window, { spinbayStored: times });
      const look = () => {
        const count = Number(document.querySelector('[data-testid=progress]')?.textContent?.split('/')[0] ?? 0);
        while (times.length < count) times.push(Date.now());
        requestAnimationFrame(look);
      };
      look();
    });
  }

  /** When the photos were stored on the device, in shooting order. */
  stored(): Promise<number[]> {
    return this.#page.evaluate(() => (window as unknown as { spinbayStored: number[] }).spinbayStored);
  }

  /** The photos of the newest session in the outbox of the device, in shooting order. */
  async kept(): Promise<Kept[]> {
    const rows = await this.#page.evaluate(async () => {
      const opening = indexedDB.open('spinbay-outbox');
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const reading = database.transaction('rows').objectStore('rows').getAll();
      const found = await new Promise<unknown[]>((resolve, reject) => {
        reading.onsuccess = () => resolve(reading.result);
        reading.onerror = () => reject(reading.error);
      });
      database.close();
      return found as { kind: string; id: string; session_id: string; angle_deg: number; captured_at: string }[];
    });
    const photos = rows.filter(({ kind }) => kind === 'photo');
    const newest = photos.sort((a, b) => a.captured_at.localeCompare(b.captured_at)).at(-1);
    return photos
      .filter(({ session_id }) => session_id === newest?.session_id)
      .map(({ id, angle_deg, captured_at }) => ({ id, angle: angle_deg, shutter: Date.parse(captured_at) }));
  }

  sent(id: string, part: Part): Sent | undefined {
    const name = `${id} ${part}`;
    const path = [...this.#names].find(([, of]) => of === name)?.[0];
    const found = path === undefined ? undefined : this.#sent.get(path);
    return found && { ...found, presigned: this.#presigned.get(name) ?? Number.NaN };
  }
}
