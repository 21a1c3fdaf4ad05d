import type { Client } from '@spinbay/client';
import { SavedShotList } from '@spinbay/contracts';
import { z } from 'zod';
import type { KeyValueStore } from '../../platform/platform.tsx';

const OwnLists = z.array(SavedShotList.pick({ id: true, name: true, shots: true }));
export type OwnLists = z.output<typeof OwnLists>;

/** The shot lists of the organization. The last reply of the server is stored, so that a session can start without a network. */
export class OwnShotLists {
  readonly #store: KeyValueStore;
  readonly #client: Pick<Client, 'listShotLists'>;
  readonly #listeners = new Set<() => void>();
  #lists: OwnLists;

  private constructor(store: KeyValueStore, client: Pick<Client, 'listShotLists'>, lists: OwnLists) {
    this.#store = store;
    this.#client = client;
    this.#lists = lists;
  }

  static async open(store: KeyValueStore, client: Pick<Client, 'listShotLists'>): Promise<OwnShotLists> {
    const kept = OwnLists.safeParse(await store.get('shot-lists'));
    return new OwnShotLists(store, client, kept.success ? kept.data : []);
  }

  get = (): OwnLists => this.#lists;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @throws the error of the client, for example if an older server lacks the route. The lists then do not change. */
  async refresh(): Promise<void> {
    const { body } = await this.#client.listShotLists();
    // A later server may allow lists that this app cannot shoot.
    const lists = body.items.flatMap((item) => {
      const list = OwnLists.element.safeParse(item);
      return list.success ? [list.data] : [];
    });
    if (JSON.stringify(lists) === JSON.stringify(this.#lists)) return;
    this.#lists = lists;
    await this.#store.set('shot-lists', lists);
    for (const listener of this.#listeners) listener();
  }
}
