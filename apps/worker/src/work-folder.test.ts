import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createLogger } from '@spinbay/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorkFolder } from './work-folder.ts';

const quiet = createLogger({ name: 'test', level: 'silent' });

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'spinbay-folders-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('creates a private folder and removes it with its files', async () => {
  const folder = await openWorkFolder(parent, quiet);
  expect((await stat(folder.path)).mode & 0o077).toBe(0);
  await mkdir(join(folder.path, 'image-1'));
  await writeFile(join(folder.path, 'image-1', 'original'), 'bytes');
  await folder.remove();
  expect(await readdir(parent)).toEqual([]);
});

test('removes only the folders of killed workers', async () => {
  const gone = await deadPid();
  const prefix = basename((await openWorkFolder(parent, quiet)).path).replace(/\d+-\w{6}$/, '');
  expect(prefix).toContain(hostname());
  await rm(parent, { recursive: true });
  const kept = [
    `${prefix}${process.ppid}-aaaaaa`,
    `spinbay-worker-elsewhere-${gone}-aaaaaa`,
    // A host whose name is this host's name with "-7" appended.
    `${prefix}7-${gone}-aaaaaa`,
    `${prefix}${gone}`,
    'spinbay-worker-aaaaaa',
    'other',
  ];
  // A restarted container reuses process ids.
  const leftovers = [`${prefix}${gone}-aaaaaa`, `${prefix}${process.pid}-aaaaaa`];
  for (const name of [...kept, ...leftovers]) {
    await mkdir(join(parent, name, 'image-1'), { recursive: true });
    await writeFile(join(parent, name, 'image-1', 'original'), 'bytes');
  }
  await symlink(join(parent, 'other'), join(parent, `${prefix}${gone}-bbbbbb`));
  const folder = await openWorkFolder(parent, quiet);
  expect((await readdir(parent)).sort()).toEqual([...kept, basename(folder.path)].sort());
  expect(await readdir(join(parent, 'other'))).toEqual(['image-1']);
});

test('names a parent folder that is not writable', async () => {
  const missing = join(parent, 'missing');
  await expect(openWorkFolder(missing, quiet)).rejects.toThrow(
    `temporary files, ${missing}, cannot be written (ENOENT`,
  );
});
