import { fileURLToPath } from 'node:url';
import { chromiumOptions } from '@spinbay/runtime/testing';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeContract } from '../testing/store-contract.ts';

const page = `
import { IndexedDbStore } from './indexed-db-store.ts';
import { storeContract } from '../testing/store-contract.ts';
window.runCase = (title) => {
  const fixture = {
    open: async () => new IndexedDbStore(title),
    makeBytes: (text) => new Blob([text]),
    textOf: (blob) => blob.text(),
  };
  return storeContract.find((each) => each.title === title).run(fixture);
};`;

let browser: Browser;
let script: string;

beforeAll(async () => {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: page, resolveDir, loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
  });
  script = outputFiles[0]?.text ?? '';
  browser = await chromium.launch(chromiumOptions);
});
afterAll(async () => {
  await browser?.close();
});

test.each(storeContract.map(({ title }) => title))('the store of a browser: %s', async (title) => {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.route('http://localhost/store', (route) =>
    route.fulfill({ contentType: 'text/html', body: `<script type="module">${script}</script>` }),
  );
  await tab.goto('http://localhost/store');
  await tab.waitForFunction(() => 'runCase' in window);
  const outcome = await tab.evaluate(
    (name) =>
      (window as unknown as { runCase(title: string): Promise<void> }).runCase(name).then(
        () => 'kept',
        (error: unknown) => String(error),
      ),
    title,
  );
  expect(outcome).toBe('kept');
  await context.close();
});
