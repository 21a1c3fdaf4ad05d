import { StorageFull } from '@spinbay/outbox';

export type StorageFault = 'storage_full' | 'not_stored';

/** Why the outbox could not store something. The texts say what to do. */
export function storageFaultOf(error: unknown): StorageFault {
  return error instanceof StorageFull ? 'storage_full' : 'not_stored';
}
