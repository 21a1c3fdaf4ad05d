import type { NetworkPort } from '@spinbay/outbox';
import type * as Network from 'expo-network';

type State = Network.NetworkState;
export type NetworkModule = Pick<typeof Network, 'getNetworkStateAsync' | 'addNetworkStateListener'>;

/** The state of the network, as the system reports it. Unknown counts as connected: an attempt shows more than a guess. */
export async function openNetwork(network: NetworkModule): Promise<NetworkPort & { metered(): boolean }> {
  let state: State = await network.getNetworkStateAsync().catch(() => ({}));
  const listeners = new Set<() => void>();
  network.addNetworkStateListener((next) => {
    state = next;
    for (const listener of listeners) listener();
  });
  return {
    online: () => state.isConnected !== false,
    metered: () => state.type === 'CELLULAR',
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
