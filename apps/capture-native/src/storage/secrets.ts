import type { KeyValueStore } from '@spinbay/capture/platform/platform.tsx';
import type * as SecureStore from 'expo-secure-store';

export type Keychain = Pick<
  typeof SecureStore,
  'getItemAsync' | 'setItemAsync' | 'deleteItemAsync' | 'AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY'
>;

/**
 * Stores credentials in the Keychain or Keystore. They are readable while the phone is locked, because photos are also sent
 * then. They are not part of a backup: if two phones used the same secret, the server would revoke the device.
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
