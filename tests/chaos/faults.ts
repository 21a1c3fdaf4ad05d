import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Place, processesOf } from '../e2e/support/installation.ts';
import type { Random } from './random.ts';

/** Identifies a service by the command line of its process. */
const marks = {
  api: /\/api\.mjs/,
  worker: /\/worker\.mjs/,
  cloud: /\/cloud\.mjs/,
  oidc: /\/oidc\.mjs/,
  portal: /\/portal-server\.mjs/,
  database: / -D .*cluster/,
};
type Service = keyof typeof marks;
const services = Object.keys(marks) as Service[];

/** One fault of the schedule. */
type Fault =
  | { readonly kind: 'kill'; readonly service: Service }
  /** The process hangs for some time: connections stay open without answers. */
  | { readonly kind: 'freeze'; readonly service: Service; readonly ms: number }
  /** Queue messages are delivered again, or never. */
  | { readonly kind: 'repeat'; readonly count: number }
  | { readonly kind: 'lose'; readonly count: number };

export interface QueueFaults {
  repeat(count: number): Promise<void>;
  lose(count: number): Promise<void>;
}

/** The endless schedule of a seed: pauses and faults. */
function* schedule(random: Random): Generator<{ pauseMs: number; fault: Fault }> {
  for (;;) {
    const pauseMs = random.between(1_500, 8_000);
    const dice = random.next();
    if (dice < 0.4) yield { pauseMs, fault: { kind: 'kill', service: random.pick(services) } };
    else if (dice < 0.7) {
      yield { pauseMs, fault: { kind: 'freeze', service: random.pick(services), ms: random.between(500, 9_000) } };
    } else if (dice < 0.85) yield { pauseMs, fault: { kind: 'repeat', count: random.between(1, 6) } };
    else yield { pauseMs, fault: { kind: 'lose', count: random.between(1, 6) } };
  }
}

/** Causes the faults of the schedule until the signal aborts. Then it resumes frozen processes. */
export async function makeFaults(
  place: Place,
  random: Random,
  queue: QueueFaults,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Record<string, number>> {
  const made: Record<string, number> = {};
  for (const { pauseMs, fault } of schedule(random)) {
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return made;
    const name = 'service' in fault ? `${fault.kind} ${fault.service}` : fault.kind;
    made[name] = (made[name] ?? 0) + 1;
    log(`${name}${fault.kind === 'freeze' ? ` for ${fault.ms} ms` : ''}`);
    if (fault.kind === 'repeat' || fault.kind === 'lose') {
      await queue[fault.kind](fault.count).catch((error: Error) => log(`  failed: ${error.message}`));
      continue;
    }
    const pid = await find(place, fault.service);
    if (pid === null) continue;
    if (fault.kind === 'kill') send(pid, 'SIGKILL');
    else {
      send(pid, 'SIGSTOP');
      await sleep(fault.ms, undefined, { signal }).catch(() => undefined);
      send(pid, 'SIGCONT');
    }
  }
  return made;
}

/** @returns null while the service restarts */
async function find(place: Place, service: Service): Promise<number | null> {
  return (await processesOf(place)).find(({ command }) => marks[service].test(command))?.pid ?? null;
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has exited in the meantime.
  }
}

/** Resident memory of the services in MiB. */
export async function memoryOf(place: Place): Promise<Partial<Record<Service, number>>> {
  const found: Partial<Record<Service, number>> = {};
  for (const service of ['api', 'worker', 'cloud'] as const) {
    const pid = await find(place, service);
    const status = pid === null ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
    if (kilobytes !== undefined) found[service] = Number(kilobytes) / 1024;
  }
  return found;
}
