import { expect, test } from 'vitest';
import { chooseAddress, hostNames } from './addresses.ts';

test('the address that is asked for is taken, and one that the machine does not have is refused with those that it has', async () => {
  const own = ['192.168.1.20', '10.8.0.3'];
  expect(await chooseAddress('10.8.0.3', own)).toBe('10.8.0.3');
  await expect(chooseAddress('192.168.1.99', own)).rejects.toThrow(/does not have.*192\.168\.1\.20, 10\.8\.0\.3/);
});

test('without a wish it is one of the addresses of the machine', async () => {
  const own = ['198.18.0.9', '198.18.0.10'];
  // No route of this machine leads from there, so that the first one is taken.
  expect(await chooseAddress(undefined, own)).toBe('198.18.0.9');
});

test('a machine without a network is told so', async () => {
  await expect(chooseAddress(undefined, [])).rejects.toThrow(/in no network/);
  await expect(chooseAddress('192.168.1.20', [])).rejects.toThrow(/in no network/);
});

test('a machine is known by its name and its name in the local network, unless that is no host name', () => {
  expect(hostNames('Studio-Mac.fritz.box')).toEqual(['studio-mac.fritz.box', 'studio-mac.local']);
  expect(hostNames('PC_OF_ADA')).toEqual([]);
});
