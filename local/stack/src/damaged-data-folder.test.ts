import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder, readSecrets } from './data-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-data-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const people = [{ email: 'admin@demo.test', name: 'Admin' }];

test('secrets are created once and only for this user', async () => {
  const first = await openDataFolder(folder, people);
  expect(await openDataFolder(folder, people)).toEqual(first);
  expect(await readSecrets(folder)).toEqual({ secrets: first.secrets, users: first.users });
  for (const name of await readdir(folder))
    expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
});

test('a first start that was interrupted is completed by the next one', async () => {
  await openDataFolder(folder, people);
  const before = await readFile(join(folder, 'secrets.json'), 'utf8');
  await rm(join(folder, 'demo-users.json'));
  expect(await readSecrets(folder)).toBeNull();
  await openDataFolder(folder, people);
  expect(await readFile(join(folder, 'secrets.json'), 'utf8')).toBe(before);
  expect((await readSecrets(folder))?.users).toHaveLength(1);
});

test('damaged secrets are named and not replaced', async () => {
  await openDataFolder(folder, people);
  await writeFile(join(folder, 'secrets.json'), '{"postgresPassword":"x');
  await expect(openDataFolder(folder, people)).rejects.toThrow(/secrets\.json is damaged/);
  expect(await readFile(join(folder, 'secrets.json'), 'utf8')).toBe('{"postgresPassword":"x');
});
