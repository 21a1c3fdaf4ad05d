import type { Client } from '@spinbay/client';
import { SavedShotList } from '@spinbay/contracts';
import { z } from 'zod';
import type { KeyValueStore } from '../../platform/platform.tsx';
import { StoredReply } from '../stored-reply.ts';

const OwnList = SavedShotList.pick({ id: true, name: true, shots: true });
const OwnLists = z.array(OwnList);
export type OwnLists = z.output<typeof OwnLists>;

/** The shot lists of the organization. An older server lacks the route. */
export type OwnShotLists = StoredReply<OwnLists>;

export function openOwnShotLists(store: KeyValueStore, client: Pick<Client, 'listShotLists'>): Promise<OwnShotLists> {
  const load = async () => {
    const { body } = await client.listShotLists();
    // A later server may allow lists that this app cannot shoot.
    return body.items.flatMap((item) => OwnList.safeParse(item).data ?? []);
  };
  return StoredReply.open(store, { key: 'shot-lists', type: OwnLists, initial: [], load });
}
