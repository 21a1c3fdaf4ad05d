import type { Client } from '@spinbay/client';
import { defaultQcThresholds, type QcThresholds } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import { openQcRules } from './qc-rules.ts';

function memoryStore() {
  const values = new Map<string, unknown>();
  return {
    get: async (key: string) => values.get(key),
    set: async (key: string, value: unknown) => void values.set(key, value),
    delete: async (key: string) => void values.delete(key),
  };
}

/** A server with these thresholds; undefined: it cannot be reached. */
function server(thresholds: QcThresholds | undefined): Pick<Client, 'getQcThresholds'> {
  return {
    getQcThresholds: async () => {
      if (thresholds === undefined) throw new Error('not reached');
      return { status: 200, headers: {}, body: { thresholds, defaults: defaultQcThresholds } };
    },
  };
}

test('the app judges by the thresholds of the organization, also after a restart without a network', async () => {
  const store = memoryStore();
  const own = { ...defaultQcThresholds, profile: 'v2' as const, edge_width_fail: 3.4, size_fail: 1600 };
  const rules = await openQcRules(store, server(own), defaultQcThresholds);
  expect(rules.get()).toEqual(defaultQcThresholds);
  await rules.refresh();
  expect(rules.get()).toEqual(own);
  const again = await openQcRules(store, server(undefined), defaultQcThresholds);
  await expect(again.refresh()).rejects.toThrow('not reached');
  expect(again.get()).toEqual(own);
});

test('a profile of a later server does not change the thresholds', async () => {
  const later = { ...defaultQcThresholds, profile: 'v9' } as unknown as QcThresholds;
  const rules = await openQcRules(memoryStore(), server(later), defaultQcThresholds);
  await rules.refresh();
  expect(rules.get()).toEqual(defaultQcThresholds);
});
