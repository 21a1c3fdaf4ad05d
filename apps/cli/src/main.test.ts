import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';

const { argv } = process;
afterEach(() => {
  process.argv = argv;
  process.exitCode = undefined;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** Runs the command. @returns its exit status and what it wrote to stderr */
async function spinbay(...args: string[]) {
  let stderr = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  process.argv = [...argv.slice(0, 2), ...args];
  await import('./main.ts');
  return { status: process.exitCode, stderr };
}

test.each(['destroy', 'constructor', 'toString'])('the unknown command %s is refused with the help', async (name) => {
  const { status, stderr } = await spinbay(name);
  expect(status).toBe(1);
  expect(stderr).toMatch(new RegExp(`^\\nUnknown command "${name}"\\.\\n\\nSpinbay: `));
});

test('damaged addresses of the installation stop a command that needs them, but not a start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-main-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'endpoints.json'), '{');
  vi.stubEnv('SPINBAY_DATA_DIR', folder);
  for (const command of [
    ['doctor'],
    ['dlq', 'list'],
    ['org', 'list'],
    ['token', '--user', 'x'],
    ['ingest', folder, '--stock', 'x'],
  ]) {
    const { status, stderr } = await spinbay(...command);
    expect([command, status, stderr]).toEqual([command, 1, expect.stringMatching(/^\n\S+endpoints\.json is damaged/)]);
    vi.restoreAllMocks();
    vi.resetModules();
  }
  expect((await spinbay('up', '--unknown')).stderr).toMatch(/^\n.*--unknown/);
});

test('damaged addresses do not stop a command that is pointed elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-main-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'endpoints.json'), '{');
  vi.stubEnv('SPINBAY_DATA_DIR', folder);
  const ingest = await spinbay('ingest', folder, '--stock', 'x', '--api', 'nowhere', '--org', 'x');
  expect(ingest.stderr).toMatch(/^\n--api nowhere is not a URL/);
  vi.restoreAllMocks();
  vi.resetModules();
  vi.stubEnv('SQS_QUEUE_URL', 'http://127.0.0.1:1/000000000000/images');
  expect((await spinbay('dlq', 'list')).stderr).not.toMatch(/endpoints\.json/);
});
