import { parseStorageKey, type StorageKeyParts, uploadKeyOf } from '@spinbay/contracts';
import { findNamed, type Store } from '@spinbay/core';
import type { ListedObject, Objects } from '@spinbay/objects';
import type { Logger } from '@spinbay/runtime';

export interface OrphanDeps {
  readonly store: Store;
  readonly objects: Pick<Objects, 'list' | 'remove'>;
}

/** Objects that one round looks at. */
const perRound = 1_000;
const day = 24 * 3_600_000;
/** An object without a session: no URL for an upload lives that long. */
const withoutSessionMs = day;
/**
 * An object that no row names, of a session that there is: its message may wait in the dead-letter queue for 14 days, and
 * makes the row when somebody puts it back.
 */
const withSessionMs = 15 * day;

/**
 * Looks through the bucket, a page a round, for objects that no row names, and removes those that are old enough. An object
 * with another key than ours is left alone.
 */
export function createOrphanRemoval({ store, objects }: OrphanDeps, limit = perRound) {
  let after: string | undefined;
  return async (signal: AbortSignal, log: Logger): Promise<void> => {
    const page = { signal, limit, ...(after === undefined ? {} : { after }) };
    const found = await objects.list('org/', page);
    for (const [orgId, candidates] of byOrganization(found)) {
      const named = await store.forOrg(orgId, 'all').transact((tx) =>
        findNamed(
          tx,
          candidates.map(({ key }) => key),
          [...new Set(candidates.map(({ parts }) => parts.sessionId))],
        ),
      );
      for (const { key, parts, ageMs } of candidates) {
        signal.throwIfAborted();
        const grace = named.sessions.has(parts.sessionId) ? withSessionMs : withoutSessionMs;
        if (named.keys.has(key) || ageMs < grace) continue;
        await objects.remove(key, { signal });
        log.warn({ key }, 'an object that no row names; removed');
      }
    }
    // Behind the last page it begins anew.
    after = found.length < limit ? undefined : found.at(-1)?.key;
  };
}

interface Candidate {
  readonly key: string;
  readonly parts: StorageKeyParts;
  readonly ageMs: number;
}

/** Those that are old enough to be looked at. */
function byOrganization(found: readonly ListedObject[]): Map<StorageKeyParts['orgId'], Candidate[]> {
  const groups = new Map<StorageKeyParts['orgId'], Candidate[]>();
  for (const { key, lastModified } of found) {
    const parts = parseStorageKey(uploadKeyOf(key));
    const ageMs = Date.now() - lastModified.getTime();
    if (parts === null || ageMs < withoutSessionMs) continue;
    groups.set(parts.orgId, [...(groups.get(parts.orgId) ?? []), { key, parts, ageMs }]);
  }
  return groups;
}
