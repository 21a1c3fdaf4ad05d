import type { Client } from '@spinbay/client';
import { z } from 'zod';
import type { KeyValueStore } from '../../platform/platform.tsx';
import { StoredReply } from '../stored-reply.ts';

const Sites = z.array(z.object({ id: z.string(), name: z.string() }));
export type Sites = z.output<typeof Sites>;

/** The sites of this device. */
export type SiteList = StoredReply<Sites>;

export function openSiteList(store: KeyValueStore, client: Pick<Client, 'listSites'>): Promise<SiteList> {
  const load = async () => (await client.listSites()).body.items.map(({ id, name }) => ({ id, name }));
  return StoredReply.open(store, { key: 'sites', type: Sites, initial: [], load });
}
