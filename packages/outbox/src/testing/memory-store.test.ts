import { test } from 'vitest';
import { MemoryStore, type SimBytes, SimDisk } from './memory-store.ts';
import { type StoreFixture, storeContract } from './store-contract.ts';

test.each(storeContract)('the simulated store: $title', ({ run }) => {
  const disk = new SimDisk();
  const fixture: StoreFixture<SimBytes> = {
    open: async () => new MemoryStore(disk, async () => undefined),
    makeBytes: (text) => ({ size: text.length, digest: text }),
    textOf: async ({ digest }) => digest,
    fillUp: () => {
      disk.room = disk.used;
    },
  };
  return run(fixture);
});
