import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { openPhone } from './fake-camera.ts';

export const spinAngles = Array.from({ length: 24 }, (_, k) => k * 15);

interface PhoneOptions {
  /** Folder of the browser's profile: a phone that is switched on again has what it kept. */
  readonly profile: string;
  /** What the camera sees; null: the operator refuses it. */
  readonly film: string | null;
  readonly capture: string;
  readonly args?: readonly string[];
  /** Where an installation is opened from the device alone. */
  readonly offline?: boolean;
}

/** The capture app in a browser with a fake camera, as an operator uses it. */
export class Phone {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong in the page, other than refusals and a network that was cut. */
  readonly faults: string[] = [];
  readonly #profile: string;

  private constructor(context: BrowserContext, page: Page, profile: string) {
    this.context = context;
    this.page = page;
    this.#profile = profile;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      // A refused code and a network that was cut are in the console by themselves.
      if (message.type() === 'error' && !/status of 4|ERR_INTERNET_DISCONNECTED/.test(message.text()))
        this.faults.push(message.text());
    });
  }

  static async takeUp({ profile, film, capture, args = [], offline = false }: PhoneOptions): Promise<Phone> {
    const context = await openPhone(profile, film, { args });
    const phone = new Phone(context, context.pages()[0] ?? (await context.newPage()), profile);
    if (offline) await context.setOffline(true);
    await phone.page.goto(capture);
    return phone;
  }

  async enrolWithOneTap(): Promise<void> {
    await this.page.getByTestId('enrol').click();
    await this.page.getByRole('radio', { name: 'Studio North' }).waitFor();
  }

  /** Waits until the app opens without a network too. */
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

  /** Presses until so many photos are safe. The next press waits for the next angle only, never for the last photo. */
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

  async safe(): Promise<string> {
    return this.page.getByTestId('progress').innerText();
  }

  /** Reviews nothing and finishes the spin. */
  async finish(): Promise<void> {
    await this.page.getByTestId('done').click();
    await this.page.getByTestId('finish').click();
    await this.page.getByTestId('create').waitFor();
  }

  /** Digests of the originals that the device holds, so that no photo can be lost unseen. */
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

  /** Ends all processes of the browser at once, as a battery that is empty does. */
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

  async close(): Promise<void> {
    await this.context.close().catch(() => undefined);
  }

  async #reads(testId: string, text: string): Promise<void> {
    await this.page.waitForFunction(
      ([id, wanted]) => document.querySelector(`[data-testid=${id}]`)?.textContent === wanted,
      [testId, text],
      { polling: 20, timeout: 60_000 },
    );
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended with its parent.
  }
}
