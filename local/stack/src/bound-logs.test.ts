import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shortenLogs } from './bound-logs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-logs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name: string) => readFile(join(folder, name), 'utf8');

test('a process continues to write to its log after the log was shortened', async () => {
  const log = openSync(join(folder, 'api.log'), 'a', 0o600);
  // Writes a line of the requested length.
  const code =
    "process.on('message', (size) => process.stdout.write('x'.repeat(size) + '\\n', () => process.send('written')))";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', log, 'inherit', 'ipc'] });
  closeSync(log);
  const write = async (size: number) => {
    child.send(size);
    await once(child, 'message');
  };
  await write(300);
  await shortenLogs(folder, 200);
  await write(20);
  expect([(await read('api.log')).length, (await read('api.log.1')).length]).toEqual([21, 301]);
  await write(400);
  await shortenLogs(folder, 200);
  // Only one predecessor is kept.
  expect([(await read('api.log')).length, (await read('api.log.1')).length]).toEqual([0, 422]);
  child.disconnect();
  await once(child, 'exit');
});

test('a log without room for a copy is emptied, and the other logs of the folder are shortened', async () => {
  await writeFile(join(folder, 'api.log'), 'x'.repeat(50_000));
  await writeFile(join(folder, 'worker.log'), 'x'.repeat(300));
  const source = join(import.meta.dirname, 'bound-logs.ts');
  const { outputFiles } = await build({ entryPoints: [source], format: 'esm', platform: 'node', write: false });
  const code = `${outputFiles[0]?.text}
    await shortenLogs(process.argv[1], 200).catch(({ errors }) => console.log(errors.map(({ code }) => code).join()))`;
  // The largest file that this process may write is smaller than the log.
  const child = spawn(
    'sh',
    ['-c', 'ulimit -f 8; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, code, folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  expect(await text(child.stdout)).toBe('EFBIG\n');
  expect((await readdir(folder)).sort()).toEqual(['api.log', 'worker.log', 'worker.log.1']);
  expect([(await read('api.log')).length, (await read('worker.log.1')).length]).toEqual([0, 300]);
});

test('small logs and other files stay as they are', async () => {
  await writeFile(join(folder, 'worker.log'), 'small');
  await writeFile(join(folder, 'base'), 'x'.repeat(500));
  await shortenLogs(folder, 200);
  expect((await readdir(folder)).sort()).toEqual(['base', 'worker.log']);
  expect((await read('base')).length).toBe(500);
});
