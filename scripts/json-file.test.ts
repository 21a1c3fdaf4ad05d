import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readJson, writeJson } from './json-file.mjs';

const folder = mkdtempSync(join(tmpdir(), 'spinbay-json-'));
const file = join(folder, 'build-stamp.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['', '{"digest":"12', '\0\0\0\0'])(
  'the damaged file %j counts as missing, and can be written again',
  (text) => {
    expect(readJson(join(folder, 'missing.json'))).toBeUndefined();
    writeFileSync(file, text);
    expect(readJson(file)).toBeUndefined();
    writeJson(file, { digest: '1234' });
    expect(readJson(file)).toEqual({ digest: '1234' });
    expect(readdirSync(folder)).toEqual(['build-stamp.json']);
  },
);

test('a file that cannot be read is an error', () => {
  expect(() => readJson(folder)).toThrow(/EISDIR/);
});
