import { parseStorageKey, type StorageKeyParts, uploadKeyOf } from '@spinbay/contracts';
import { findExisting } from '@spinbay/core';
import type { ListedObject } from '@spinbay/objects';
import type { Logger, OrphanRemoval } from '@spinbay/runtime';
import { handleEach } from '../../handle-each.ts';
import type { DeletionDeps } from './remove-objects.ts';

interface OrphanOptions {
  readonly removal: OrphanRemoval;
  /** How many objects one round checks. */
  readonly limit?: number;
}

/** If at least this many objects, and more than half of those checked, have no row, the database may not be the bucket's. */
const suspiciousOrphans = 20;
const day = 24 * 3_600_000;
/** The age at which an object without a session is removed. Every upload URL has expired by then. */
const withoutSessionMs = day;
/**
 * The age at which an object without a row is removed if its session exists. Its message may wait in the dead-letter queue
 * for 14 days, and creates the row when it is redriven.
 */
const withSessionMs = 15 * day;

/**
 * Checks the bucket for objects without a row, one page per round, and removes those that are old enough. Objects with other
 * kinds of keys are never removed. An organization or an object that fails does not affect the others of the page. If most
 * objects of a page have no row, `guarded` removes none of them: the process may use the wrong database or the wrong bucket.
 */
export function createOrphanRemoval({ store, objects }: DeletionDeps, { removal, limit = 1_000 }: OrphanOptions) {
  let after: string | undefined;
  return async (signal: AbortSignal, log: Logger): Promise<void> => {
    if (removal === 'off') return;
    const page = { signal, limit, ...(after === undefined ? {} : { after }) };
    const found = await objects.list('org/', page);
    const orphans: string[] = [];
    let checked = 0;
    await handleEach(
      byOrganization(found),
      signal,
      async ([orgId, candidates]) => {
        const existing = await store.forOrg(orgId, 'all').transact((tx) =>
          findExisting(
            tx,
            candidates.map(({ key }) => key),
            [...new Set(candidates.map(({ parts }) => parts.sessionId))],
          ),
        );
        for (const { key, parts, ageMs } of candidates) {
          const grace = existing.sessions.has(parts.sessionId) ? withSessionMs : withoutSessionMs;
          if (!existing.keys.has(key) && ageMs >= grace) orphans.push(key);
        }
        checked += candidates.length;
      },
      (error, [orgId]) => log.error({ err: error, org_id: orgId }, 'the objects of an organization were not checked'),
    );
    // Before the removal, so that an object that cannot be removed does not hold up the next page. After the last page, the
    // next round starts again at the first.
    after = found.length < limit ? undefined : found.at(-1)?.key;
    if (removal === 'guarded' && orphans.length >= suspiciousOrphans && orphans.length > checked / 2) {
      log.error(
        { orphans: orphans.length, checked, first: orphans[0] },
        'most objects have no row, so none was removed. Check that DATABASE_URL and S3_BUCKET belong together. If they do, set ORPHAN_REMOVAL to always, or to off to keep the objects.',
      );
    } else {
      await handleEach(
        orphans,
        signal,
        async (key) => {
          await objects.remove(key, { signal });
          log.warn({ key }, 'removed an object without a row');
        },
        (error, key) => log.error({ err: error, key }, 'an object without a row was not removed'),
      );
    }
  };
}

interface Candidate {
  readonly key: string;
  readonly parts: StorageKeyParts;
  readonly ageMs: number;
}

/** The objects that are old enough to be checked, by organization. */
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
