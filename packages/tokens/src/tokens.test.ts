import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  randomUUID,
} from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceId, OrgId, SiteId, UserId } from '@spinbay/contracts';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSigningKeys, rotateSigningKeys } from './key-file.ts';
import { loadSigningKeys, type SigningKeys } from './signing-keys.ts';
import { createTokens, maxTokenLength, type Tokens } from './tokens.ts';

const issuer = 'https://api.example.com';
const device = { id: DeviceId.parse(randomUUID()), orgId: OrgId.parse(randomUUID()) };
const user = {
  id: UserId.parse(randomUUID()),
  orgId: device.orgId,
  siteIds: [SiteId.parse(randomUUID())],
  role: 'reviewer' as const,
};
const now = () => Math.floor(Date.now() / 1000);

let folder: string;
let keys: SigningKeys;
let privatePem: string;
let tokens: Tokens;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-tokens-'));
  const file = join(folder, 'keys.json');
  await createSigningKeys(file);
  keys = await loadSigningKeys(file);
  const { keys: jwks } = JSON.parse(await readFile(file, 'utf8'));
  privatePem = createPrivateKey({ key: jwks[0], format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();
  tokens = createTokens(keys, issuer);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The claims of a valid device token with changes. `undefined` removes a claim. */
const claims = (over: object = {}) => ({
  device_id: device.id,
  org_id: device.orgId,
  role: 'device',
  sub: device.id,
  iss: issuer,
  aud: 'spinbay',
  iat: now(),
  exp: now() + 60,
  ...over,
});

/** The claims of a valid token of a person with changes. */
const person = (over: object = {}) =>
  claims({ device_id: undefined, user_id: user.id, sub: user.id, role: 'admin', site_ids: user.siteIds, ...over });

/** Signs without a library, so that anything can be signed. */
function sign(payload: object, header: object = {}, pem = privatePem): string {
  const start = `${encode({ alg: 'RS256', typ: 'JWT', kid: keys.signing().kid, ...header })}.${encode(payload)}`;
  return `${start}.${createSign('RSA-SHA256').update(start).sign(pem).toString('base64url')}`;
}

test('issues a device token that is valid for 30 days', async () => {
  const { token, expiresAt } = await tokens.forDevice(device);
  expect(decodeJwt(token)).toMatchObject({ device_id: device.id, org_id: device.orgId, role: 'device', iss: issuer });
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', kid: keys.signing().kid });
  const { iat = 0, exp = 0 } = decodeJwt(token);
  expect(exp - iat).toBe(30 * 24 * 3600);
  expect(expiresAt.getTime()).toBe(exp * 1000);
  expect(await tokens.verify(token)).toEqual({ type: 'device', ...device, role: 'device', sites: 'all' });
});

test('issues a token with a person’s role and sites that is valid for 8 hours', async () => {
  const { token } = await tokens.forUser(user);
  const payload = decodeJwt(token);
  expect(payload).toMatchObject({ user_id: user.id, org_id: user.orgId, site_ids: user.siteIds, role: 'reviewer' });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(8 * 3600);
  expect(await tokens.verify(token)).toEqual({
    type: 'user',
    id: user.id,
    orgId: user.orgId,
    role: 'reviewer',
    sites: user.siteIds,
    tokenId: payload.jti,
    tokenGeneration: 0,
  });
});

test('includes the id and the generation by which a token can be revoked', async () => {
  const [one, two] = [await tokens.forUser({ ...user, tokenGeneration: 3 }), await tokens.forUser(user)];
  expect(await tokens.verify(one.token)).toMatchObject({ tokenGeneration: 3 });
  expect(decodeJwt(one.token).jti).not.toBe(decodeJwt(two.token).jti);
});

test('accepts the token of a person with 500 sites', async () => {
  const siteIds = Array.from({ length: 500 }, () => SiteId.parse(randomUUID()));
  const { token } = await tokens.forUser({ ...user, siteIds });
  expect(token.length).toBeLessThan(maxTokenLength);
  expect(await tokens.verify(token)).toMatchObject({ sites: siteIds });
});

describe('attacks', () => {
  // Each attack below differs from one of these tokens in one respect.
  test.each<[name: string, token: () => string]>([
    ['of a device', () => sign(claims())],
    ['of a person', () => sign(person())],
    ['without sites', () => sign(person({ site_ids: [] }))],
    ['with a start in the past', () => sign(claims({ nbf: now() - 60 }))],
    ['that is two minutes old', () => sign(claims({ iat: now() - 120 }))],
    ['with an audience in a list', () => sign(claims({ aud: ['spinbay'] }))],
    ['with many characters', () => sign(claims({ pad: 'x'.repeat(maxTokenLength / 2) }))],
    ['with headers that have no effect', () => sign(claims(), { b64: true, jku: 'https://evil.example/jwks' })],
  ])('accepts a token %s that the test signs', async (_, token) => {
    expect(await tokens.verify(token())).not.toBeNull();
  });

  const unsigned = (alg: string, payload = claims()) =>
    `${encode({ alg, typ: 'JWT', kid: keys.signing().kid })}.${encode(payload)}`;
  const publicPem = () => createPublicKey(privatePem).export({ type: 'spki', format: 'pem' }).toString();
  const hmac = (key: string) => {
    const start = unsigned('HS256');
    return `${start}.${createHmac('sha256', key).update(start).digest('base64url')}`;
  };
  const stranger = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const strangerPem = () => stranger().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  const table: [name: string, token: () => string][] = [
    ['nothing', () => ''],
    ['dots', () => '..'],
    ['no signature, alg none', () => `${unsigned('none')}.`],
    ['no signature, alg None', () => `${unsigned('None')}.`],
    ['no signature at all', () => unsigned('RS256')],
    ['an empty signature', () => `${unsigned('RS256')}.`],
    ['HS256 with the public key', () => hmac(publicPem())],
    ['HS256 with the public key as JWK', () => hmac(JSON.stringify(keys.publicKeys().keys[0]))],
    ['HS256 with an empty key', () => hmac('')],
    ['another algorithm of the same key', () => sign(claims(), { alg: 'PS256' })],
    ['another algorithm, RS512', () => sign(claims(), { alg: 'RS512' })],
    ['a foreign key with the kid of this API', () => sign(claims(), {}, strangerPem())],
    [
      'a foreign key in the header',
      () => {
        const { privateKey, publicKey } = stranger();
        const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
        return sign(claims(), { jwk: publicKey.export({ format: 'jwk' }), kid: undefined }, pem);
      },
    ],
    ['a key URL in the header', () => sign(claims(), { jku: 'https://evil.example/jwks' }, strangerPem())],
    ['no kid', () => sign(claims(), { kid: undefined })],
    ['a kid that is a number', () => sign(claims(), { kid: 1 })],
    ['an unknown kid', () => sign(claims(), { kid: 'other' })],
    ['a kid that is a path', () => sign(claims(), { kid: '../../../../dev/null' })],
    ['an unknown critical header', () => sign(claims(), { crit: ['b64'], b64: false })],
    ['a changed payload', () => sign(claims()).replace(/\.[^.]+\./, `.${encode(claims({ org_id: randomUUID() }))}.`)],
    ['a truncated signature', () => sign(claims()).slice(0, -10)],
    ['another issuer', () => sign(claims({ iss: 'https://evil.example' }))],
    ['no issuer', () => sign(claims({ iss: undefined }))],
    ['the right issuer in a list', () => sign(claims({ iss: [issuer] }))],
    ['another audience', () => sign(claims({ aud: 'spinbay-portal' }))],
    ['no audience', () => sign(claims({ aud: undefined }))],
    ['an expiry in the past', () => sign(claims({ iat: now() - 120, exp: now() - 1 }))],
    ['no expiry', () => sign(claims({ exp: undefined }))],
    ['a string as expiry', () => sign(claims({ exp: '9999999999' }))],
    ['a start in the future', () => sign(claims({ nbf: now() + 60 }))],
    ['no time of issue', () => sign(claims({ iat: undefined }))],
    ['no subject', () => sign(claims({ sub: undefined }))],
    ['no organization', () => sign(claims({ org_id: undefined }))],
    ['an invalid organization id', () => sign(claims({ org_id: '*' }))],
    ['several organizations', () => sign(claims({ org_id: [device.orgId] }))],
    ['no role', () => sign(claims({ role: undefined }))],
    ['an unknown role', () => sign(claims({ role: 'root' }))],
    ['an unknown role of a person', () => sign(person({ role: 'root' }))],
    ['no id of a person', () => sign(person({ user_id: undefined }))],
    ['a device with a person’s role', () => sign(claims({ role: 'admin' }))],
    ['a device with a person’s role and sites', () => sign(claims({ role: 'admin', site_ids: [] }))],
    ['a person with a device’s role', () => sign(person({ role: 'device' }))],
    ['a person without sites', () => sign(person({ site_ids: undefined }))],
    ['a string as sites', () => sign(person({ site_ids: 'all' }))],
    ['an array as payload', () => sign([claims()])],
    ['too many characters', () => sign(claims({ pad: 'x'.repeat(maxTokenLength) }))],
    ['two tokens in one', () => `${sign(claims())},${sign(claims())}`],
  ];
  test.each(table)('rejects a token with %s', async (_, token) => expect(await tokens.verify(token())).toBeNull());

  test('returns null for any text and never throws', async () => {
    const good = sign(claims());
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(await tokens.verify(text)).toBeNull();
      }),
    );
    // Replaces one part of a valid token.
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.oneof(
          fc.base64String(),
          fc.json().map((j) => encode(j)),
        ),
        async (part, text) => {
          const parts = good.split('.');
          parts[part] = text;
          expect(await tokens.verify(parts.join('.'))).toBeNull();
        },
      ),
    );
  });
});

test('accepts tokens of the old and the new key after a rotation', async () => {
  const file = join(folder, 'rotated.json');
  await createSigningKeys(file);
  const before = createTokens(await loadSigningKeys(file), issuer);
  const old = (await before.forDevice(device)).token;
  const { kid } = await rotateSigningKeys(file, now() - 601);
  const after = createTokens(await loadSigningKeys(file), issuer);
  const fresh = (await after.forDevice(device)).token;
  expect(decodeProtectedHeader(fresh).kid).toBe(kid);
  expect(await after.verify(old)).toMatchObject({ id: device.id });
  expect(await after.verify(fresh)).toMatchObject({ id: device.id });
  expect(await before.verify(fresh)).toBeNull();
});
