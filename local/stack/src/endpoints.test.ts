import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backUp } from './backup/back-up.ts';
import { openDataFolder, readSecrets } from './data-folder.ts';
import { readEndpoints, writeEndpoints } from './endpoints.ts';
import { lockInstance } from './instance-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-endpoints-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = () => join(folder, 'endpoints.json');

test('a folder without the file has no addresses', async () => {
  expect(await readEndpoints(folder)).toBeNull();
  expect(await readEndpoints(join(folder, 'missing'))).toBeNull();
});

test('written addresses are read', async () => {
  const url = 'http://127.0.0.1:1';
  const addresses = { api: url, portal: url, capture: url, objects: url, queue: url, oidc: url, has_local_queue: true };
  const endpoints = { ...addresses, database: 'postgres://spinbay_app@127.0.0.1:1/spinbay', demo: null };
  await writeEndpoints(folder, endpoints);
  expect(await readEndpoints(folder)).toEqual(endpoints);
});

test.each([
  ['cut', '{"api":"http://127'],
  ['empty', ''],
  ['of another version', '{"api":"http://127.0.0.1:1"}'],
])('a file that is %s is named, with what to do', async (_, text) => {
  await writeFile(file(), text);
  await expect(readEndpoints(folder)).rejects.toThrow(
    `${file()} is damaged or comes from another version. Restart Spinbay`,
  );
});

test('a file that cannot be read is named, with the reason', async () => {
  // Root can read every file, but no directory.
  await mkdir(file());
  await expect(readEndpoints(folder)).rejects.toThrow(`${file()} cannot be read (EISDIR). Run the command as the user`);
});

test('secrets that cannot be read are not called damaged', async () => {
  await mkdir(join(folder, 'secrets.json'));
  for (const read of [() => readSecrets(folder), () => openDataFolder(folder, [])])
    await expect(read()).rejects.toThrow('secrets.json cannot be read (EISDIR)');
});

test('a backup of a running installation names its damaged addresses', async () => {
  await openDataFolder(folder, []);
  await mkdir(join(folder, 'postgres'));
  await writeFile(file(), '{');
  const lock = await lockInstance(folder);
  const backup = backUp({ dataDir: folder, file: join(folder, 'backup'), version: '1', onProgress: () => undefined });
  await expect(backup).rejects.toThrow(`${file()} is damaged`);
  await lock.release();
});
