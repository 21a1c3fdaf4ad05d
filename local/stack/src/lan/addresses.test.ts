import { expect, test } from 'vitest';
import { chooseAddress, hostNames } from './addresses.ts';

test('the requested address is used; an address that the machine lacks is refused with a list of its addresses', async () => {
  const own = ['192.168.1.20', '10.8.0.3'];
  expect(await chooseAddress('10.8.0.3', own)).toBe('10.8.0.3');
  await expect(chooseAddress('192.168.1.99', own)).rejects.toThrow(/does not have.*192\.168\.1\.20, 10\.8\.0\.3/);
});

test('the default is one of the addresses of the machine', async () => {
  const own = ['198.18.0.9', '198.18.0.10'];
  // None of these is on the default route, so the first one is used.
  expect(await chooseAddress(undefined, own)).toBe('198.18.0.9');
});

test('a machine without a network gets an error that says so', async () => {
  await expect(chooseAddress(undefined, [])).rejects.toThrow(/not connected to a network/);
  await expect(chooseAddress('192.168.1.20', [])).rejects.toThrow(/not connected to a network/);
});

test('a machine has its name and its local network name, unless these are not host names', () => {
  expect(hostNames('Studio-Mac.fritz.box')).toEqual(['studio-mac.fritz.box', 'studio-mac.local']);
  expect(hostNames('PC_OF_ADA')).toEqual([]);
});
