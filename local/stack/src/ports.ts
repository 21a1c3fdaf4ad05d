import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StackError } from './stack-error.ts';

interface Port {
  readonly setting: string;
  readonly port: number;
}

/**
 * @param patienceMs how long to wait for ports to be released
 * @throws StackError that names every port that another program uses, and the setting that changes it
 */
export async function assertPortsFree(host: string, ports: readonly Port[], patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let taken = await takenOf(host, ports);
  while (taken.length > 0 && Date.now() < deadline) {
    await sleep(200);
    taken = await takenOf(host, ports);
  }
  const twice = ports
    .filter((a, i) => ports.findIndex((b) => b.port === a.port) < i)
    .map(({ setting, port }) => `${port} (${setting}, set twice)`);
  if (taken.length + twice.length > 0) {
    throw new StackError(
      `These ports cannot be used: ${[...taken, ...twice].join(', ')}. Stop the program that uses them, or set the named variables to free ports.`,
    );
  }
}

async function takenOf(host: string, ports: readonly Port[]): Promise<string[]> {
  const taken: string[] = [];
  for (const { setting, port } of ports) if (!(await isFree(host, port))) taken.push(`${port} (${setting})`);
  return taken;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
