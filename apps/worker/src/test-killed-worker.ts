import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { defaultQcThresholds } from '@spinbay/contracts';
import { createStore, type OrgStore, type Store } from '@spinbay/core';
import { type Measurer, measureImage } from '@spinbay/imaging';
import { createObjects } from '@spinbay/objects';
import { createQueue } from '@spinbay/queue';
import { createLogger, noTracing } from '@spinbay/runtime';
import { runOnce } from './consume.ts';
import { handleMessage } from './features/images/handle-message.ts';

/**
 * A worker process for tests: processes the queue and kills itself with SIGKILL at the `KILL_AT`-th step, right before or
 * after one of its asynchronous calls. Exits with 0 if it has fewer steps. Prints each step.
 */

const { env } = process;
const text = (name: string) => env[name] ?? '';
const killAt = Number(text('KILL_AT'));
let steps = 0;

function step(name: string): void {
  if (++steps !== killAt) return;
  writeSync(1, `${name}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** Wraps an object so that its asynchronous calls are steps. */
function stepping<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      const value = Reflect.get(object, key) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const call = `${name}.${String(key)}`;
        step(`before ${call}`);
        const result = (value as (...args: unknown[]) => unknown).apply(object, args);
        if (!(result instanceof Promise)) return result;
        return result.then((answer: unknown) => {
          step(`after ${call}`);
          return answer;
        });
      };
    },
  });
}

/** Adds a step within transactions: after the statements, before the commit. */
function steppingStore(store: Store): Store {
  return {
    ...store,
    forOrg: (...args) => {
      const tenant = store.forOrg(...args);
      const inside: OrgStore = {
        ...tenant,
        transact: (work) =>
          tenant.transact(async (tx) => {
            const result = await work(tx);
            step('before the commit');
            return result;
          }),
      };
      return stepping('store', inside);
    },
  };
}

const connection = { endpoint: text('S3_ENDPOINT'), region: text('AWS_REGION') };
const store = createStore({ databaseUrl: text('DATABASE_URL'), applicationName: 'spinbay-worker-test' });
const objects = createObjects({ ...connection, bucket: text('S3_BUCKET') });
const queue = createQueue({ ...connection, queueUrl: text('SQS_QUEUE_URL') });
const measurer: Pick<Measurer, 'measure'> = {
  measure: async ({ file, ...options }, signal) => measureImage(await readFile(file), { ...options, signal }),
};
// The test starts processes before it needs them, so that it does not wait until they have started.
await once(process.stdin, 'data');
const deps = {
  store: steppingStore(store),
  objects: stepping('objects', objects),
  measurer: stepping('measurer', measurer),
  qc: defaultQcThresholds,
  workFolder: text('TMPDIR'),
  tracing: noTracing,
};
await runOnce({
  queue: stepping('queue', queue),
  slots: 1,
  visibilitySeconds: 60,
  retrySeconds: 0,
  work: (message, signal, log) => handleMessage(message, text('S3_BUCKET'), deps, signal, log),
  log: createLogger({ name: 'test', level: 'silent' }),
});
process.exit(0);
