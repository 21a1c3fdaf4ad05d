import type { Client } from '@spinbay/client';
import { QcThresholds } from '@spinbay/contracts';
import type { KeyValueStore } from '../../platform/platform.tsx';

/**
 * The thresholds of the organization from the server's last reply. They are stored, so that photos can be judged
 * without a network.
 */
export class QcRules {
  readonly #store: KeyValueStore;
  readonly #client: Pick<Client, 'getQcThresholds'>;
  #thresholds: QcThresholds;

  private constructor(store: KeyValueStore, client: Pick<Client, 'getQcThresholds'>, thresholds: QcThresholds) {
    this.#store = store;
    this.#client = client;
    this.#thresholds = thresholds;
  }

  /** @param installation the thresholds that apply until the server has sent those of the organization */
  static async open(
    store: KeyValueStore,
    client: Pick<Client, 'getQcThresholds'>,
    installation: QcThresholds,
  ): Promise<QcRules> {
    const kept = QcThresholds.safeParse(await store.get('qc-thresholds'));
    return new QcRules(store, client, kept.success ? kept.data : installation);
  }

  get = (): QcThresholds => this.#thresholds;

  /**
   * @throws the error of the client, for example if an older server lacks the route. The thresholds then do not change.
   */
  async refresh(): Promise<void> {
    const { body } = await this.#client.getQcThresholds();
    const thresholds = QcThresholds.safeParse(body.thresholds);
    // A later server may have a profile that this app does not know.
    if (!thresholds.success) return;
    this.#thresholds = thresholds.data;
    await this.#store.set('qc-thresholds', thresholds.data);
  }
}
