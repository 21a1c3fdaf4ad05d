import type { KeyValueStore } from '@spinbay/capture/platform/platform.tsx';
import type * as SecureStore from 'expo-secure-store';

export type Keychain = Pick<
  typeof SecureStore,
  'getItemAsync' | 'setItemAsync' | 'deleteItemAsync' | 'AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY'
>;

/**
 * Keychain and Keystore. Readable while the phone is locked, because photos are also sent then; never part of a backup,
 * because a copy of a device's secret on another phone would revoke both.
 */
export function openSecrets(keychain: Keychain): KeyValueStore {
  const options = {
    keychainService: 'spinbay',
    keychainAccessible: keychain.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY,
  };
  return {
    async get(key) {
      const text = await keychain.getItemAsync(key, options);
      try {
        return text === null ? undefined : JSON.parse(text);
      } catch {
        return undefined;
      }
    },
    async set(key, value) {
      if (value === null || value === undefined) await keychain.deleteItemAsync(key, options);
      else await keychain.setItemAsync(key, JSON.stringify(value), options);
    },
  };
}
