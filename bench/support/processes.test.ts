import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ask, stopProcess } from './processes.ts';

const start = (code: string) => spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
const waits = 'setInterval(() => undefined, 1000)';

test('a process that a signal has ended counts as stopped, and a request to it fails', async () => {
  const child = start(waits);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await stopProcess(child);
  await expect(ask(child, 'usage')).rejects.toThrow('ended (SIGKILL) while waiting for "usage"');
});

test('a process that ends instead of answering is reported with its status', async () => {
  const child = start("process.once('message', () => process.exit(3))");
  await expect(ask(child, 'usage')).rejects.toThrow('ended (3) while waiting for "usage"');
  await stopProcess(child);
});

test('a running process is stopped', async () => {
  const child = start(`process.send({ ready: true }); ${waits}`);
  await once(child, 'message');
  await stopProcess(child);
  expect(child.signalCode).toBe('SIGTERM');
});
