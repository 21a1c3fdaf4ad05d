import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ephemeral ports: before the server listens, an outgoing connection could take one of those. Each test
 * worker has its own range.
 */
const testPorts = { first: 12_000, perWorker: 2_000, workers: 10 };

/** Ports for servers that a test starts. */
export async function freePorts(count: number): Promise<number[]> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % testPorts.workers;
  const first = testPorts.first + worker * testPorts.perWorker;
  const found = new Set<number>();
  while (found.size < count) {
    const port = first + randomInt(testPorts.perWorker);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
