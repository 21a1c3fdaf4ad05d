import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@spinbay/runtime/testing';

/** Debian's redis-tools contains the server under this name. The binary acts according to its name. */
const executable = process.env.SPINBAY_TEST_REDIS ?? '/usr/bin/redis-check-rdb';

export interface TestRedis {
  readonly url: string;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it empty, always on the same port. */
  start(): Promise<void>;
  /** Makes it hang with open connections until `wake`. */
  freeze(): void;
  wake(): void;
  stop(): Promise<void>;
}

/** A separate Redis server on a free loopback port, without persistence. */
export async function prepareTestRedis(options: { password?: string } = {}): Promise<TestRedis> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-redis-'));
  let server: ChildProcess | undefined;
  const kill = async () => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  const user = options.password === undefined ? '' : `:${options.password}@`;
  return {
    url: `redis://${user}127.0.0.1:${port}`,
    kill,
    start: async () => {
      const flags = [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        folder,
      ];
      if (options.password !== undefined) flags.push('--requirepass', options.password);
      const child = spawn(executable, flags, { argv0: 'redis-server', stdio: ['ignore', 'pipe', 'inherit'] });
      server = child;
      for await (const line of child.stdout) if (/Ready to accept connections/.test(String(line))) break;
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${executable} does not start on port ${port}`);
    },
    freeze: () => server?.kill('SIGSTOP'),
    wake: () => server?.kill('SIGCONT'),
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
