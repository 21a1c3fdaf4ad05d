import { DeviceId, OrgId } from '@spinbay/contracts';
import { SignJWT } from 'jose';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheTokens } from './cache-tokens.ts';
import type { Tokens } from './tokens.ts';

const device = {
  type: 'device',
  id: DeviceId.parse('019a0000-0004-7000-8000-000000000001'),
  orgId: OrgId.parse('019a0000-0001-7000-8000-000000000001'),
  role: 'device',
  sites: 'all',
} as const;

afterEach(() => void vi.useRealTimers());

const expiringIn = (seconds: number, subject = 'x') =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new Uint8Array(32));

/** Counts actual verifications. */
function counting(good: (token: string) => boolean) {
  const verified: string[] = [];
  const verify = async (token: string) => {
    verified.push(token);
    return good(token) ? device : null;
  };
  return { verified, tokens: cacheTokens({ verify } as Tokens) };
}

test('verifies a token once a minute', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const token = await expiringIn(3600);
  const { verified, tokens } = counting(() => true);
  for (let n = 0; n < 5; n += 1) expect(await tokens.verify(token)).toEqual(device);
  expect(verified).toHaveLength(1);
  vi.setSystemTime(Date.now() + 60_000);
  expect(await tokens.verify(token)).toEqual(device);
  expect(verified).toHaveLength(2);
});

test('rejects a revoked token within a minute, and an expired one at its expiry', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const token = await expiringIn(20);
  let good = true;
  const { tokens } = counting(() => good);
  expect(await tokens.verify(token)).toEqual(device);
  good = false;
  vi.setSystemTime(Date.now() + 20_000);
  expect(await tokens.verify(token)).toBeNull();
});

test('does not cache rejected tokens, and caches each token separately', async () => {
  const [bad, good] = [await expiringIn(3600, 'bad'), await expiringIn(3600, 'good')];
  const { verified, tokens } = counting((token) => token === good);
  expect(await tokens.verify(bad)).toBeNull();
  expect(await tokens.verify(good)).toEqual(device);
  expect(await tokens.verify(bad)).toBeNull();
  expect(await tokens.verify(`${good}x`)).toBeNull();
  expect(verified).toEqual([bad, good, bad, `${good}x`]);
});

test('limits the size of the cache', async () => {
  const { verified, tokens } = counting(() => true);
  const token = await expiringIn(3600);
  await tokens.verify(token);
  const [head, , tail] = token.split('.');
  const payload = (n: number) =>
    Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + 3600, n })).toString('base64url');
  for (let n = 0; n < 20_001; n += 1) await tokens.verify(`${head}.${payload(n)}.${tail}`);
  await tokens.verify(token);
  expect(verified.filter((one) => one === token)).toHaveLength(2);
});
