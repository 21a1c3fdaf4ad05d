import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outbox, OutboxState } from '@spinbay/outbox';
import { chromiumOptions } from '@spinbay/runtime/testing';
import { build } from 'esbuild';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

declare global {
  interface Window {
    outbox: Outbox;
    openOutbox(api: string, token: string): Promise<void>;
  }
}

const script = `
import { createClient } from '@spinbay/client';
import { openWebOutbox } from '@spinbay/outbox/web';
window.openOutbox = async (api, token) => {
  const client = createClient({ baseUrl: api, token: () => token });
  const auth = {
    orgId: () => null,
    token: () => token,
    subscribe: () => () => undefined,
    onUnauthorized: async () => 'signed_out',
  };
  window.outbox = await openWebOutbox({ client, auth, databaseName: 'outbox-test' });
  window.outbox.start();
};`;

/** A page with only an outbox, in a browser that can be killed. The API and the object store must allow its origin. */
export class OutboxBrowser {
  readonly #folder: string;
  readonly #origin: string;
  readonly #script: string;
  #context: BrowserContext | null = null;

  private constructor(folder: string, origin: string, text: string) {
    this.#folder = folder;
    this.#origin = origin;
    this.#script = text;
  }

  /** @param folder where the browser keeps its data */
  static async prepare(folder: string, origin: string): Promise<OutboxBrowser> {
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
      bundle: true,
      format: 'esm',
      write: false,
    });
    return new OutboxBrowser(folder, origin, outputFiles[0]?.text ?? '');
  }

  async start({ offline = false } = {}): Promise<void> {
    // The files that a killed browser leaves behind would prevent the next one from starting.
    for (const name of await readdir(this.#folder).catch(() => []))
      if (name.startsWith('Singleton')) await rm(join(this.#folder, name), { force: true });
    this.#context = await chromium.launchPersistentContext(this.#folder, {
      ...chromiumOptions,
      args: [
        ...chromiumOptions.args,
        // The page has no network address, so Chromium would block all of its requests to this machine.
        '--disable-features=LocalNetworkAccessChecks',
      ],
    });
    const html = `<!doctype html><title>Outbox</title><script type="module">${this.#script}</script>`;
    await this.#context.route(`${this.#origin}/outbox-test`, (route) =>
      route.fulfill({ contentType: 'text/html', body: html }),
    );
    await this.#context.setOffline(offline);
  }

  async setOffline(offline: boolean): Promise<void> {
    await this.#context?.setOffline(offline);
  }

  /** A tab with its outbox open. */
  async open(api: string, token: string): Promise<Page> {
    if (this.#context === null) throw new Error('the browser is not running');
    const page = await this.#context.newPage();
    await page.goto(`${this.#origin}/outbox-test`);
    await page.waitForFunction(() => 'openOutbox' in window);
    await page.evaluate(([url, bearer]) => window.openOutbox(url, bearer), [api, token] as const);
    return page;
  }

  /** Kills the browser as the system would: it gets no notice and saves nothing. */
  async kill(): Promise<void> {
    const context = this.#context;
    const closed = new Promise<void>((resolve) => context?.on('close', () => resolve()));
    for (const pid of await processesWith(this.#folder)) killQuietly(pid);
    await closed;
    this.#context = null;
  }

  async stop(): Promise<void> {
    await this.#context?.close();
    this.#context = null;
  }
}

export function stateOf(page: Page): Promise<OutboxState> {
  return page.evaluate(() => window.outbox.state());
}

async function processesWith(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder)) found.push(Number(entry));
  }
  return found;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
