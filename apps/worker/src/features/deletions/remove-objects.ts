import type { Store } from '@spinbay/core';
import type { Objects } from '@spinbay/objects';

export interface DeletionDeps {
  readonly store: Store;
  readonly objects: Pick<Objects, 'list' | 'remove'>;
}

/** How many objects are removed at the same time. */
const atOnce = 8;
/** The lease is renewed after this many objects. */
const page = 200;

/** Removes all objects under a prefix. */
export async function removeObjects(
  prefix: string,
  objects: DeletionDeps['objects'],
  renew: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const found = await objects.list(prefix, { signal, limit: page });
    if (found.length === 0) return;
    for (let from = 0; from < found.length; from += atOnce)
      await Promise.all(found.slice(from, from + atOnce).map(({ key }) => objects.remove(key, { signal })));
    await renew();
  }
}
