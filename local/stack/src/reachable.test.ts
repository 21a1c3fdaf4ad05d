import { expect, test } from 'vitest';
import { isReachableByOthers } from './reachable.ts';

const alone = { SPINBAY_HOST: '127.0.0.1', SPINBAY_TRUSTED_PROXIES: [] };

test.each([
  ['the loopback address', {}],
  ['another loopback address', { SPINBAY_HOST: '127.8.0.1' }],
  ['the loopback address of IPv6', { SPINBAY_HOST: '::1' }],
  ['a name of the loopback address', { SPINBAY_HOST: 'localhost' }],
  ['an object store on loopback', { S3_PUBLIC_ENDPOINT: 'http://127.0.0.1:9000' }],
])('with %s, only this machine can reach the installation', async (_, settings) => {
  expect(await isReachableByOthers({ ...alone, ...settings })).toBe(false);
});

test.each([
  ['every address', { SPINBAY_HOST: '0.0.0.0' }],
  ['every address, abbreviated', { SPINBAY_HOST: '0' }],
  ['every address of IPv6', { SPINBAY_HOST: '::' }],
  ['an address of the network', { SPINBAY_HOST: '192.0.2.7' }],
  ['a mapped address', { SPINBAY_HOST: '::ffff:192.0.2.7' }],
  ['a name that has no address', { SPINBAY_HOST: 'nowhere.invalid' }],
  ['a public address', { SPINBAY_PUBLIC_URL: 'https://photos.example' }],
  ['a trusted proxy', { SPINBAY_TRUSTED_PROXIES: ['127.0.0.1'] }],
  ['a public object store', { S3_PUBLIC_ENDPOINT: 'https://[2001:db8::1]:9000' }],
])('with %s, other machines may be able to reach the installation', async (_, settings) => {
  expect(await isReachableByOthers({ ...alone, ...settings })).toBe(true);
});
