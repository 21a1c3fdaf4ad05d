import { fileURLToPath } from 'node:url';
import { chromiumOptions } from '@spinbay/runtime/testing';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

const script = `
import { watchShutterKey } from './shutter-key.web.ts';
window.heard = [];
for (const control of document.querySelectorAll('button'))
  control.addEventListener('click', () => window.heard.push(control.id));
watchShutterKey(() => window.heard.push('photo'));`;
const body = '<button id="undo">Undo</button><input id="field">';

let browser: Browser;
let page: Page;
let bundle: string;

beforeAll(async () => {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const stdin = { contents: script, resolveDir, loader: 'ts' as const };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false });
  bundle = outputFiles[0]?.text ?? '';
  browser = await chromium.launch(chromiumOptions);
  page = await browser.newPage();
});
beforeEach(async () => {
  await page.setContent(body);
  await page.evaluate(bundle);
});
afterAll(async () => {
  await browser?.close();
});

const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);

test.each(['Space', 'Enter', 'PageDown'])('%s takes a photo after a control was tapped', async (key) => {
  await page.click('#undo');
  await page.keyboard.press(key);
  await page.keyboard.press(key);
  expect(await heard()).toEqual(['undo', 'photo', 'photo']);
});

test('Space and Enter press the control that the keyboard has reached, and take no photo', async () => {
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  expect(await heard()).toEqual(['undo', 'undo']);
});

test('a field gets its spaces', async () => {
  await page.click('#field');
  await page.keyboard.type('a b');
  expect(await page.inputValue('#field')).toBe('a b');
  expect(await heard()).toEqual([]);
});
