import type { NetworkPort } from '@spinbay/outbox';
import type * as Network from 'expo-network';

type State = Network.NetworkState;
export type NetworkModule = Pick<typeof Network, 'getNetworkStateAsync' | 'addNetworkStateListener'>;

/** The state of the network from the system. An unknown state counts as connected, so that the outbox tries to send. */
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
