import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectsOptions } from '../connection.ts';
import { createObjects } from '../objects.ts';
import { readCalls } from './read-calls.ts';
import { type CheckedStore, newPrefix, type StoreCall } from './store-call.ts';
import { tagCalls, uploadCalls } from './upload-calls.ts';

export interface StoreToCheck {
  readonly options: ObjectsOptions;
  /** Origins of pages that upload photos. */
  readonly origins: readonly string[];
}

export interface Finding extends Omit<StoreCall, 'run'> {
  /** What the store did instead. Null if it does what Spinbay needs. */
  readonly fault: string | null;
}

const reachable: StoreCall = {
  call: 'the bucket is reachable (HeadBucket)',
  needed: true,
  consequence: 'everything; the other calls were not made',
  run: ({ objects }) => objects.ready(),
};

/**
 * Makes every call that Spinbay makes to its object store, and calls that the store must refuse. Uses its own prefix and
 * removes its objects at the end.
 */
export async function* checkStore({ options, origins }: StoreToCheck): AsyncGenerator<Finding> {
  const objects = createObjects(options);
  const untagged = createObjects({ ...options, tags: false });
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-store-'));
  const store: CheckedStore = { objects, untagged, origins, prefix: newPrefix(), folder };
  try {
    const first = await runCall(reachable, store);
    yield first;
    if (first.fault !== null) return;
    const tags = options.tags === false ? [] : tagCalls;
    for (const call of [...uploadCalls, ...tags, ...readCalls]) yield await runCall(call, store);
    // If the store cannot list or delete, the findings already say so.
    await removeAll(store).catch(() => undefined);
  } finally {
    objects.close();
    untagged.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runCall({ run, ...call }: StoreCall, store: CheckedStore): Promise<Finding> {
  try {
    await run(store);
    return { ...call, fault: null };
  } catch (error) {
    return { ...call, fault: error instanceof Error ? error.message : String(error) };
  }
}

async function removeAll({ objects, prefix }: CheckedStore): Promise<void> {
  for (const { key } of await objects.list(prefix)) await objects.remove(key);
}
