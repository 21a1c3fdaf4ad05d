import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder, readSecrets, writePrivate } from './data-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-data-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = () => join(folder, 'secrets.json');
const stored = async () => JSON.parse(await readFile(file(), 'utf8'));
const roles = ['admin', 'api', 'eraser', 'worker'];

test('creates an access key for each role once', async () => {
  const { secrets } = await openDataFolder(folder, []);
  expect(Object.keys(secrets.accessKeys).sort()).toEqual(roles);
  expect(new Set(Object.values(secrets.accessKeys).map((key) => key.accessKeyId)).size).toBe(roles.length);
  expect((await openDataFolder(folder, [])).secrets).toEqual(secrets);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
});

test('secrets without a key for the eraser are readable, get one at the next start, and keep the others', async () => {
  const { secrets } = await openDataFolder(folder, []);
  const { eraser, ...earlier } = secrets.accessKeys;
  await writePrivate(file(), { ...secrets, accessKeys: earlier });
  expect((await readSecrets(folder))?.secrets.accessKeys).toMatchObject(earlier);
  const upgraded = (await openDataFolder(folder, [])).secrets;
  expect(upgraded).toMatchObject({ ...secrets, accessKeys: earlier });
  expect(upgraded.accessKeys.eraser).not.toEqual(eraser);
  expect(await stored()).toEqual(upgraded);
});

test('a single access key of an earlier version becomes the key of the administrator', async () => {
  const { secrets } = await openDataFolder(folder, []);
  const { accessKeys, ...others } = secrets;
  await writePrivate(file(), { ...others, ...accessKeys.admin });
  const upgraded = (await openDataFolder(folder, [])).secrets;
  expect(upgraded.accessKeys.admin).toEqual(accessKeys.admin);
  expect(Object.keys(upgraded.accessKeys).sort()).toEqual(roles);
  expect(await stored()).toEqual(upgraded);
});
