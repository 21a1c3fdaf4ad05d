import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-pipe-'));
  await build({
    entryPoints: [join(import.meta.dirname, 'end-without-reader.ts')],
    outfile: join(folder, 'module.mjs'),
    format: 'esm',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs code that prints forever, and stops reading. @returns how it ended */
async function end(code: string) {
  const text = `import { endWithoutReader } from ${JSON.stringify(join(folder, 'module.mjs'))};
    endWithoutReader();
    ${code}
    const timer = setInterval(() => process.stdout.write('line\\n'), 1);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [status] = await once(child, 'close');
  return { status, stderr };
}

test('a command whose output nobody reads ends quietly, with the status of SIGPIPE', async () => {
  expect(await end('')).toEqual({ status: 141, stderr: '' });
});

test('a command that handles SIGTERM stops in its own way', async () => {
  const code = "process.on('SIGTERM', () => { clearInterval(timer); process.exitCode = 0; });";
  expect(await end(code)).toEqual({ status: 0, stderr: '' });
});
