import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { openPhone } from './fake-camera.ts';

export const spinAngles = Array.from({ length: 24 }, (_, k) => k * 15);

interface PhoneOptions {
  /** Folder of the browser's profile, which survives a restart of the phone. */
  readonly profile: string;
  /** The film of the camera; null: the operator refuses the camera. */
  readonly film: string | null;
  /** The address of the capture app. */
  readonly capture: string;
  /** Instead of the system's Chromium. */
  readonly executable?: string;
  readonly args?: readonly string[];
  /** Whether the app opens without a network. Default: false. */
  readonly offline?: boolean;
  /** Runs before the app opens. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** The capture app in a browser with a fake camera. */
export class Phone {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the page, except refused requests and network errors. */
  readonly faults: string[] = [];
  readonly #profile: string;

  private constructor(context: BrowserContext, page: Page, profile: string) {
    this.context = context;
    this.page = page;
    this.#profile = profile;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      // The browser itself logs refused requests and network errors.
      if (message.type() === 'error' && !/status of 4|ERR_INTERNET_DISCONNECTED/.test(message.text()))
        this.faults.push(message.text());
    });
  }

  static async takeUp(options: PhoneOptions): Promise<Phone> {
    const { profile, film, capture, offline = false, prepare, ...browser } = options;
    const context = await openPhone(profile, film, browser);
    const phone = new Phone(context, context.pages()[0] ?? (await context.newPage()), profile);
    if (offline) await context.setOffline(true);
    await prepare?.(context);
    await phone.page.goto(capture);
    return phone;
  }

  async enrolWithOneTap(): Promise<void> {
    await this.page.getByTestId('enrol').click();
    await this.page.getByRole('radio', { name: 'Studio North' }).waitFor();
  }

  /** Waits until the app can open without a network. */
  async waitUntilKept(): Promise<void> {
    await this.page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
  }

  async startSpin(stock: string): Promise<void> {
    await this.page.getByTestId('stock').fill(stock);
    await this.page.getByTestId('create').click();
    await this.page.locator('video').waitFor();
  }

  async continueSession(): Promise<void> {
    await this.page.getByRole('button', { name: 'Continue' }).click();
  }

  /**
   * Presses the shutter until `to` photos are stored. Each press waits only for its angle, not for the previous photo.
   * @param from the number of photos before
   */
  async shootUntil(from: number, to: number, press = () => this.press()): Promise<void> {
    for (let k = from; k < to; k++) {
      await this.#reads('angle', `${spinAngles[k]}°`);
      await press();
    }
    await this.#reads('progress', `${to}/24`);
  }

  async press(): Promise<void> {
    await this.page.getByTestId('shutter').click();
  }

  /** The counter of stored photos, such as `3/24`. */
  async safe(): Promise<string> {
    return this.page.getByTestId('progress').innerText();
  }

  /** Finishes the spin without a review. */
  async finish(): Promise<void> {
    await this.page.getByTestId('done').click();
    await this.page.getByTestId('finish').click();
    await this.page.getByTestId('create').waitFor();
  }

  /** The picture of the viewfinder, 32 by 24 grey values. */
  async seen(): Promise<number[]> {
    return this.page.evaluate(([width, height]) => {
      const video = document.querySelector('video');
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      if (video === null || context === null) return [];
      context.drawImage(video, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, i) => data[i * 4 + 1] ?? 0);
    }, seenSize);
  }

  /** Digests of the originals on the device, to detect every lost photo. */
  async digests(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const opening = indexedDB.open('spinbay-outbox');
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const store = database.transaction('bytes').objectStore('bytes');
      const [keys, blobs] = await Promise.all(
        [store.getAllKeys(), store.getAll()].map(
          (request) =>
            new Promise<unknown[]>((resolve, reject) => {
              request.onsuccess = () => resolve(request.result);
              request.onerror = () => reject(request.error);
            }),
        ),
      );
      database.close();
      const digests: string[] = [];
      for (const [k, blob] of (blobs as Blob[]).entries()) {
        if (!String(keys?.[k]).includes('original')) continue;
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
        digests.push(Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''));
      }
      return digests.sort();
    });
  }

  /** From its next start, the device has a token that the server refuses, as after hours without a network. */
  async invalidateToken(): Promise<void> {
    await this.page.evaluate(async () => {
      const opening = indexedDB.open('spinbay-capture');
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const transaction = database.transaction('values', 'readwrite', { durability: 'strict' });
      const records = transaction.objectStore('values').openCursor();
      records.onsuccess = () => {
        const cursor = records.result;
        if (cursor === null) return;
        if (cursor.value?.token?.value)
          cursor.update({ ...cursor.value, token: { ...cursor.value.token, value: 'old' } });
        cursor.continue();
      };
      await new Promise((resolve) => transaction.addEventListener('complete', resolve));
      database.close();
    });
  }

  /** Kills all processes of the browser at once, like an empty battery. */
  async kill(): Promise<void> {
    const mark = `--user-data-dir=${this.#profile}`;
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (command.split('\0').includes(mark)) killQuietly(Number(pid));
    }
    await this.context.close().catch(() => undefined);
    for (const name of await readdir(this.#profile)) {
      if (name.startsWith('Singleton')) await rm(join(this.#profile, name), { force: true });
    }
  }

  /** @param task the test that used the phone; if it failed, prints what the app shows */
  async close(task?: { readonly result?: { readonly state: string } | undefined }): Promise<void> {
    if (task?.result?.state === 'fail') console.error(await this.#shown());
    await this.context.close().catch(() => undefined);
  }

  async #shown(): Promise<string> {
    const text = await this.page.innerText('body', { timeout: 5_000 }).catch(String);
    return [`The capture app at ${this.page.url()} shows:`, text, 'Errors of the page:', ...this.faults].join('\n');
  }

  async #reads(testId: string, text: string): Promise<void> {
    await this.page.waitForFunction(
      ([id, wanted]) => document.querySelector(`[data-testid=${id}]`)?.textContent === wanted,
      [testId, text],
      { polling: 20, timeout: 60_000 },
    );
  }
}

export const seenSize = [32, 24] as const;

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended together with its parent.
  }
}
