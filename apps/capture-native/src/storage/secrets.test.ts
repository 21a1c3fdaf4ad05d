import { type Keychain, openSecrets } from './secrets';

function fakeKeychain() {
  const items = new Map<string, string>();
  const used: unknown[] = [];
  const keychain: Keychain = {
    AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY: 7,
    async getItemAsync(key, options) {
      used.push(options);
      return items.get(key) ?? null;
    },
    async setItemAsync(key, value, options) {
      used.push(options);
      items.set(key, value);
    },
    async deleteItemAsync(key, options) {
      used.push(options);
      items.delete(key);
    },
  };
  return { keychain, items, used };
}

test('credentials are stored unchanged, and null removes them', async () => {
  const { keychain, items } = fakeKeychain();
  const secrets = openSecrets(keychain);
  const record = { device_secret: 's', token: { value: 't', expires_at: '2026-01-01T00:00:00Z' } };
  await secrets.set('device', record);
  expect(await openSecrets(keychain).get('device')).toEqual(record);
  await secrets.set('device', null);
  expect(items.size).toBe(0);
  expect(await secrets.get('device')).toBeUndefined();
});

test('credentials are readable while the phone is locked, and are not part of a backup', async () => {
  const { keychain, used } = fakeKeychain();
  const secrets = openSecrets(keychain);
  await secrets.set('device', {});
  await secrets.get('device');
  await secrets.set('device', null);
  expect(used).toEqual(Array(3).fill({ keychainService: 'spinbay', keychainAccessible: 7 }));
});

test('an unreadable value counts as missing', async () => {
  const { keychain, items } = fakeKeychain();
  items.set('device', '{');
  expect(await openSecrets(keychain).get('device')).toBeUndefined();
});
