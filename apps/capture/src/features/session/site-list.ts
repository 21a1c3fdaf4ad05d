import type { Client } from '@spinbay/client';
import { z } from 'zod';
import type { KeyValueStore } from '../../platform/platform.tsx';

const Sites = z.array(z.object({ id: z.string(), name: z.string() }));
export type Sites = z.output<typeof Sites>;

/** The sites of this device. The last reply of the server is stored, so that a session can start without a network. */
export class SiteList {
  readonly #store: KeyValueStore;
  readonly #client: Pick<Client, 'listSites'>;
  readonly #listeners = new Set<() => void>();
  #sites: Sites;

  private constructor(store: KeyValueStore, client: Pick<Client, 'listSites'>, sites: Sites) {
    this.#store = store;
    this.#client = client;
    this.#sites = sites;
  }

  static async open(store: KeyValueStore, client: Pick<Client, 'listSites'>): Promise<SiteList> {
    const kept = Sites.safeParse(await store.get('sites'));
    return new SiteList(store, client, kept.success ? kept.data : []);
  }

  get = (): Sites => this.#sites;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @throws the error of the client; the sites then do not change */
  async refresh(): Promise<void> {
    const { body } = await this.#client.listSites();
    const sites = body.items.map(({ id, name }) => ({ id, name }));
    if (JSON.stringify(sites) === JSON.stringify(this.#sites)) return;
    this.#sites = sites;
    await this.#store.set('sites', sites);
    for (const listener of this.#listeners) listener();
  }
}
