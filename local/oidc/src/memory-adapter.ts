import { LRUCache } from 'lru-cache';
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** 20 concurrent sign-ins make a few hundred entries of at most a few KB. */
const maxEntries = 5000;

/**
 * The provider's sessions, grants and codes in memory. After a restart people sign in at the provider again, but their API
 * tokens stay valid, which is enough for one machine. When the store is full, it drops the least recently used entries.
 */
export function createMemoryAdapter(): (model: string) => Adapter {
  const entries = new LRUCache<string, AdapterPayload>({ max: maxEntries, perf: Date, ttlResolution: 0 });
  const findBy = (model: string, property: 'uid' | 'userCode', value: string) => {
    for (const [key, payload] of entries.entries()) {
      if (key.startsWith(`${model}:`) && payload[property] === value) return payload;
    }
    return undefined;
  };

  return (model) => ({
    async upsert(id, payload, expiresIn) {
      entries.set(`${model}:${id}`, payload, { ttl: expiresIn * 1000 });
    },
    find: async (id) => entries.get(`${model}:${id}`),
    findByUid: async (uid) => findBy(model, 'uid', uid),
    findByUserCode: async (userCode) => findBy(model, 'userCode', userCode),
    async consume(id) {
      const payload = entries.get(`${model}:${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      entries.delete(`${model}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, payload] of entries.entries()) if (payload.grantId === grantId) entries.delete(key);
    },
  });
}
