import { expect, test } from 'vitest';
import { z } from 'zod';
import { StoredReply } from './stored-reply.ts';

test('a full device uses a new reply at once, and stores it as soon as there is room', async () => {
  const values = new Map<string, unknown>();
  let isFull = true;
  const store = {
    get: async (key: string) => values.get(key),
    set: async (key: string, value: unknown) => {
      if (isFull) throw new DOMException('The quota is exceeded.', 'QuotaExceededError');
      values.set(key, value);
    },
  };
  const source = { key: 'sites', type: z.array(z.string()), initial: [], load: async () => ['Hall 1'] };
  const reply = await StoredReply.open<string[]>(store, source);
  const seen: string[][] = [];
  reply.subscribe(() => seen.push(reply.get()));
  await expect(reply.refresh()).rejects.toThrow('quota');
  expect(seen).toEqual([['Hall 1']]);
  await expect(reply.refresh()).rejects.toThrow('quota');
  isFull = false;
  await reply.refresh();
  expect(seen).toEqual([['Hall 1']]);
  expect(values.get('sites')).toEqual(['Hall 1']);
});
