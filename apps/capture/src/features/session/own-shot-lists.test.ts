import type { Client } from '@spinbay/client';
import { type SavedShotList, ShotListId } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import { openOwnShotLists } from './own-shot-lists.ts';

function memoryStore() {
  const values = new Map<string, unknown>();
  return {
    get: async (key: string) => values.get(key),
    set: async (key: string, value: unknown) => void values.set(key, JSON.parse(JSON.stringify(value))),
  };
}

/** A server with these lists; undefined: it cannot be reached. */
function server(items: SavedShotList[] | undefined): Pick<Client, 'listShotLists'> {
  return {
    listShotLists: async () => {
      if (items === undefined) throw new Error('not reached');
      return { status: 200, headers: {}, body: { items } };
    },
  };
}

const at = '2026-05-04T09:30:00.000Z';
const vans: SavedShotList = {
  id: ShotListId.parse('019f0000-0000-7000-8000-000000000001'),
  name: 'Vans',
  shots: [
    { name: 'front', required: true },
    { name: 'ladder', label: 'Ladder', required: false },
  ],
  version: 1,
  created_at: at,
  updated_at: at,
};
const kept = { id: vans.id, name: vans.name, shots: vans.shots };

test('the shot lists of the organization are available after a restart without a network', async () => {
  const store = memoryStore();
  const lists = await openOwnShotLists(store, server([vans]));
  let changes = 0;
  lists.subscribe(() => changes++);
  expect(lists.get()).toEqual([]);
  await lists.refresh();
  await lists.refresh();
  expect([lists.get(), changes]).toEqual([[kept], 1]);
  const again = await openOwnShotLists(store, server(undefined));
  await expect(again.refresh()).rejects.toThrow('not reached');
  expect(again.get()).toEqual([kept]);
});

test('a list that was deleted is no longer offered', async () => {
  const store = memoryStore();
  await (await openOwnShotLists(store, server([vans]))).refresh();
  const lists = await openOwnShotLists(store, server([]));
  await lists.refresh();
  expect(lists.get()).toEqual([]);
  expect((await openOwnShotLists(store, server(undefined))).get()).toEqual([]);
});

test('a list of a later server that this app cannot shoot is left out, and the others stay', async () => {
  const later = { ...vans, id: ShotListId.parse('019f0000-0000-7000-8000-000000000002'), shots: [] };
  const lists = await openOwnShotLists(memoryStore(), server([later, vans]));
  await lists.refresh();
  expect(lists.get()).toEqual([kept]);
});
