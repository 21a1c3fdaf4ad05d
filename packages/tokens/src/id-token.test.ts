import { createSign, KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createIdTokens, discoverIssuer, type IdTokens, IssuerUnavailable } from './id-token.ts';

const clientId = 'spinbay-portal';

/** A small issuer whose documents can be made invalid. */
interface Issuer {
  url: string;
  discovery: () => [status: number, body: string];
  jwks: (path: string) => [status: number, body: string];
  keys: JWK[];
  asked: string[];
  server: Server;
}

async function startIssuer(): Promise<Issuer> {
  const server = createServer((request, response) => {
    issuer.asked.push(request.url ?? '');
    if (hanging) return;
    const [status, body] = request.url?.endsWith('jwks') ? issuer.jwks(request.url) : issuer.discovery();
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    server,
    keys: [],
    asked: [],
    discovery: () => [200, JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` })],
    jwks: () => [200, JSON.stringify({ keys: issuer.keys })],
  };
}

let issuer: Issuer;
let hanging = false;
let pair: { privateKey: CryptoKey; publicKey: CryptoKey };
let stranger: { privateKey: CryptoKey; publicKey: CryptoKey };

beforeAll(async () => {
  [pair, stranger] = await Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('RS256')]);
});
beforeEach(async () => {
  hanging = false;
  issuer = await startIssuer();
  issuer.keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }];
});
const close = async () => {
  issuer.server.close();
  issuer.server.closeAllConnections();
};
afterEach(async () => {
  vi.useRealTimers();
  await close();
});
afterAll(close);

const idTokens = (timeoutMs = 2_000) => createIdTokens({ issuer: issuer.url, clientId, timeoutMs });
const seconds = () => Math.floor(Date.now() / 1000);

function idToken(
  over: Record<string, unknown> = {},
  header: { kid?: string; alg?: string; typ?: string } = {},
  key: CryptoKey | Uint8Array = pair.privateKey,
) {
  const claims = {
    iss: issuer.url,
    aud: clientId,
    sub: 'someone',
    iat: seconds(),
    exp: seconds() + 300,
    email: 'Reviewer@Demo.test',
    email_verified: true,
    nonce: 'n-1',
    ...over,
  };
  return new SignJWT(JSON.parse(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
    .sign(key);
}

test('returns the email address of a valid token in lower case', async () => {
  const checked = idTokens();
  expect(await checked.verify(await idToken(), 'n-1')).toMatchObject({ email: 'reviewer@demo.test' });
  expect(await checked.verify(await idToken(), undefined)).toMatchObject({ email: 'reviewer@demo.test' });
  // Cognito writes the claim as a string.
  expect(await checked.verify(await idToken({ email_verified: 'true' }), undefined)).not.toBeNull();
  expect(await checked.verify(await idToken({ aud: ['other', clientId], azp: clientId }), undefined)).not.toBeNull();
  // Discovery document and keys are fetched once.
  expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/jwks']);
});

test('computes the same digest for every encoding of a signature', async () => {
  const token = await idToken();
  // The last of 342 characters has two bits of the signature. The other four bits are arbitrary.
  const spelled = (last: string) => token.slice(0, -1) + last;
  const checked = idTokens();
  const digests = new Set<string>();
  for (const last of 'AQgwBRhxCSiyDTjzEUk0FVl1GWm2HXn3') {
    const proven = await checked.verify(spelled(last), 'n-1');
    if (proven !== null) digests.add(proven.tokenSha256);
  }
  expect(digests.size).toBe(1);
  expect((await checked.verify(await idToken({ jti: 'another' }), 'n-1'))?.tokenSha256).not.toBe([...digests][0]);
});

describe('rejects a token with', () => {
  const cases: [name: string, over: Record<string, unknown>, nonce?: string][] = [
    ['another nonce', {}, 'n-2'],
    ['no nonce although one was sent', { nonce: undefined }, 'n-1'],
    ['an unverified address', { email_verified: false }],
    ['no email_verified claim', { email_verified: undefined }],
    ['an invalid email_verified claim', { email_verified: 'yes' }],
    ['no address', { email: undefined }],
    ['no valid address', { email: 'reviewer' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'another-client' }],
    ['no audience', { aud: undefined }],
    ['another authorized party', { azp: 'another-client' }],
    ['several audiences and another authorized party', { aud: ['other', clientId], azp: 'other' }],
    ['several audiences and no authorized party', { aud: ['other', clientId] }],
    ['an expiry in the past', { iat: seconds() - 600, exp: seconds() - 120 }],
    ['a start in the future', { nbf: seconds() + 120 }],
    ['no expiry', { exp: undefined }],
    ['no subject', { sub: undefined }],
    ['the purpose of an access token', { token_use: 'access' }],
  ];
  test.each(cases)('%s', async (_, over, nonce) =>
    expect(await idTokens().verify(await idToken(over), nonce)).toBeNull(),
  );

  test('the header of an access token', async () => {
    expect(await idTokens().verify(await idToken({}, { typ: 'JWT' }), undefined)).not.toBeNull();
    for (const typ of ['at+jwt', 'application/AT+JWT', 'logout+jwt'])
      expect(await idTokens().verify(await idToken({}, { typ }), undefined)).toBeNull();
  });

  test('no email_verified claim and an address outside of the trusted domains', async () => {
    const trusting = createIdTokens({ issuer: issuer.url, clientId, trustedEmailDomains: ['demo.test'] });
    const unsaid = { email_verified: undefined };
    expect(await trusting.verify(await idToken(unsaid), undefined)).toMatchObject({ email: 'reviewer@demo.test' });
    for (const over of [
      { email_verified: false },
      { email_verified: null },
      { ...unsaid, email: 'reviewer@other.test' },
      { ...unsaid, email: 'reviewer@sub.demo.test' },
      { ...unsaid, email: '"x@demo.test"@other.test' },
    ])
      expect(await trusting.verify(await idToken(over), undefined)).toBeNull();
  });

  test('a nonce that the browser did not send', async () => {
    const browser = { browser: true };
    expect(await idTokens().verify(await idToken(), undefined, browser)).toBeNull();
    expect(await idTokens().verify(await idToken(), 'n-1', browser)).not.toBeNull();
    expect(await idTokens().verify(await idToken({ nonce: undefined }), undefined, browser)).not.toBeNull();
  });

  test('the signature of another issuer', async () => {
    expect(await idTokens().verify(await idToken({}, {}, stranger.privateKey), undefined)).toBeNull();
  });

  test('no signature or a shared secret, and text that is not a token', async () => {
    const checked = idTokens();
    const [, payload] = (await idToken()).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const shared = await idToken({}, { alg: 'HS256' }, new TextEncoder().encode(JSON.stringify(issuer.keys[0])));
    for (const token of [`${none}.${payload}.`, shared, '', 'a.b.c', '..', 'x'.repeat(16_000)])
      expect(await checked.verify(token, undefined)).toBeNull();
  });

  test('keys in its header or another algorithm', async () => {
    const checked = idTokens();
    const jwk = { ...(await exportJWK(stranger.publicKey)), kid: 'one', alg: 'RS256' };
    const [head, payload, signature] = (await idToken()).split('.') as [string, string, string];
    const spki = await exportSPKI(pair.publicKey);
    const forge = (header: object, key: CryptoKey | Uint8Array = stranger.privateKey) =>
      new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()))
        .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
        .sign(key);
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    /** Signs with the key of the issuer, which the library refuses for some headers. */
    const signed = (header: object, digest = 'RSA-SHA256') => {
      const start = `${encode({ alg: 'RS256', kid: 'one', ...header })}.${payload}`;
      const key = KeyObject.from(pair.privateKey);
      return `${start}.${createSign(digest).update(start).sign(key).toString('base64url')}`;
    };
    for (const token of [`${head}.${payload}.${signature}`, signed({}), signed({ exp: 1, jwk })])
      expect(await checked.verify(token, undefined)).not.toBeNull();
    for (const token of [
      await forge({ jwk }),
      await forge({ jwk, kid: undefined }),
      await forge({ jku: `${issuer.url}/stranger-jwks` }),
      await forge({ jku: `${issuer.url}/stranger-jwks`, kid: 'two' }),
      await forge({ x5u: `${issuer.url}/stranger-cert`, x5c: ['MIIB'] }),
      await forge({ alg: 'HS256' }, new TextEncoder().encode(spki)),
      await forge({ alg: 'HS256' }, new TextEncoder().encode(spki.trim())),
      signed({ alg: 'RS512' }, 'RSA-SHA512'),
      signed({ alg: 'RS512' }),
      signed({ crit: ['exp'], exp: 1 }),
      signed({ alg: 'NONE' }),
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${head}.${payload}.${signature}.a.b`,
    ])
      expect(await checked.verify(token, undefined)).toBeNull();
    // No key was fetched from another address.
    expect(new Set(issuer.asked)).toEqual(new Set(['/.well-known/openid-configuration', '/jwks']));
  });
});

test('says why a signed token is refused, and nothing about other tokens', async () => {
  const reasons: string[] = [];
  const checked = createIdTokens({ issuer: issuer.url, clientId, onRefusal: (reason) => reasons.push(reason) });
  const refused = async (over: Record<string, unknown>, nonce?: string) => {
    expect(await checked.verify(await idToken(over), nonce)).toBeNull();
    return reasons.pop();
  };
  expect(await refused({ email: undefined })).toBe('email is missing or has another value');
  expect(await refused({ email_verified: false })).toBe('email_verified is missing or has another value');
  expect(await refused({ email_verified: undefined })).toMatch(/OIDC_TRUSTED_EMAIL_DOMAINS/);
  expect(await refused({ aud: 'another' })).toMatch(/"aud"/);
  expect(await refused({ iss: `${issuer.url}/` })).toMatch(/"iss"/);
  expect(await refused({ azp: 'another' })).toBe('it was issued to another client');
  expect(await refused({}, 'n-2')).toBe('it has another nonce');
  expect(await refused({ exp: seconds() - 300 })).toMatch(/"exp"/);
  await checked.verify(await idToken({}, {}, stranger.privateKey), undefined);
  await checked.verify('nonsense', undefined);
  await checked.verify(await idToken(), 'n-1');
  expect(reasons).toEqual([]);
});

test('tolerates a clock difference of half a minute', async () => {
  const checked = idTokens();
  expect(await checked.verify(await idToken({ exp: seconds() - 10 }), undefined)).not.toBeNull();
  expect(await checked.verify(await idToken({ nbf: seconds() + 10 }), undefined)).not.toBeNull();
});

describe('for an unknown key', () => {
  const asked = () => issuer.asked.filter((url) => url === '/jwks').length;
  const flood = async (checked: IdTokens) => {
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, k) => idToken({}, { kid: `made-up-${k}` })));
    const verify = (token: string) =>
      checked.verify(token, undefined).catch((error: unknown) => (error instanceof IssuerUnavailable ? null : 'error'));
    // First concurrently, then one by one.
    expect(new Set(await Promise.all(tokens.map(verify)))).toEqual(new Set([null]));
    for (const token of tokens) expect(await verify(token)).toBeNull();
  };

  test('fetches the keys again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const checked = idTokens();
    await checked.verify(await idToken(), undefined);
    issuer.keys.push({ ...(await exportJWK(stranger.publicKey)), kid: 'two', alg: 'RS256', use: 'sig' });
    vi.setSystemTime(Date.now() + 31_000);
    expect(await checked.verify(await idToken({}, { kid: 'two' }, stranger.privateKey), undefined)).not.toBeNull();
    expect(await checked.verify(await idToken(), undefined)).not.toBeNull();
    expect(asked()).toBe(2);
  });

  test('fetches the keys from a new address that the issuer names', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const checked = idTokens();
    await checked.verify(await idToken(), undefined);
    issuer.keys.push({ ...(await exportJWK(stranger.publicKey)), kid: 'two', alg: 'RS256', use: 'sig' });
    const { jwks } = issuer;
    issuer.jwks = (path) => (path === '/moved-jwks' ? jwks(path) : [404, '']);
    issuer.discovery = () => [200, JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/moved-jwks` })];
    vi.setSystemTime(Date.now() + 31_000);
    expect(await checked.verify(await idToken({}, { kid: 'two' }, stranger.privateKey), undefined)).not.toBeNull();
  });

  test('fetches the keys from their last known address while the issuer does not return its document', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const checked = idTokens();
    await checked.verify(await idToken(), undefined);
    issuer.keys.push({ ...(await exportJWK(stranger.publicKey)), kid: 'two', alg: 'RS256', use: 'sig' });
    issuer.discovery = () => [503, ''];
    vi.setSystemTime(Date.now() + 31_000);
    expect(await checked.verify(await idToken({}, { kid: 'two' }, stranger.privateKey), undefined)).not.toBeNull();
  });

  test('fetches the keys at most once in half a minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const checked = idTokens();
    await flood(checked);
    expect(asked()).toBe(1);
    vi.setSystemTime(Date.now() + 31_000);
    await flood(checked);
    expect(asked()).toBe(2);
  });

  test('does not fetch the keys more often while the issuer does not return them', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const checked = idTokens();
    await checked.verify(await idToken(), undefined);
    vi.setSystemTime(Date.now() + 31_000);
    const jwks = issuer.jwks;
    issuer.jwks = () => [503, ''];
    await flood(checked);
    expect(asked()).toBe(2);
    // Tokens with a known key are accepted meanwhile.
    expect(await checked.verify(await idToken(), undefined)).not.toBeNull();
    issuer.jwks = jwks;
    vi.setSystemTime(Date.now() + 2_000);
    expect(await checked.verify(await idToken({}, { kid: 'made-up' }), undefined)).toBeNull();
    expect(asked()).toBe(3);
  });
});

describe('reports an unavailable issuer if', () => {
  const refusal = async (checked = idTokens(300)) =>
    checked.verify(await idToken(), undefined).then(
      (result) => `no error: ${result?.email}`,
      (error: unknown) => (error instanceof IssuerUnavailable ? 'unavailable' : `another error: ${error}`),
    );

  test('it is down, and recovers when it is back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const [status, body] = issuer.discovery();
    issuer.discovery = () => [503, ''];
    const checked = idTokens();
    expect(await refusal(checked)).toBe('unavailable');
    await expect(discoverIssuer(issuer.url)).rejects.toThrow(IssuerUnavailable);
    issuer.discovery = () => [status, body];
    // Not at once: it was tried a moment ago.
    expect(await refusal(checked)).toBe('unavailable');
    expect(issuer.asked).toHaveLength(2);
    vi.setSystemTime(Date.now() + 1_500);
    expect(await refusal(checked)).toBe('no error: reviewer@demo.test');
  });

  test('it cannot be reached', async () => {
    await close();
    expect(await refusal()).toBe('unavailable');
  });

  test('it does not reply in time', async () => {
    hanging = true;
    expect(await refusal()).toBe('unavailable');
  });

  test.each([
    [
      'another issuer’s document',
      () => JSON.stringify({ issuer: 'https://evil.example', jwks_uri: `${issuer.url}/jwks` }),
    ],
    [
      'a name with a slash at its end',
      () => JSON.stringify({ issuer: `${issuer.url}/`, jwks_uri: `${issuer.url}/jwks` }),
    ],
    ['a page', () => '<html>'],
    ['no document', () => '{}'],
  ])('it returns %s', async (_, body) => {
    issuer.discovery = () => [200, body()];
    expect(await refusal()).toBe('unavailable');
  });

  test('its document names another issuer, which the error shows', async () => {
    issuer.discovery = () => [200, JSON.stringify({ issuer: `${issuer.url}/`, jwks_uri: `${issuer.url}/jwks` })];
    await expect(discoverIssuer(issuer.url)).rejects.toThrow(`"${issuer.url}/": OIDC_ISSUER must match it exactly`);
  });

  test('it redirects', async () => {
    issuer.discovery = () => [302, ''];
    expect(await refusal()).toBe('unavailable');
  });

  test.each<[string, number, string]>([
    ['an error', 500, 'oops'],
    ['a page', 200, '<html>'],
    ['no key set', 200, '{"hello":"world"}'],
  ])('its key set is %s', async (_, status, body) => {
    issuer.jwks = () => [status, body];
    expect(await refusal()).toBe('unavailable');
  });

  test('its key set does not arrive in time', async () => {
    const checked = idTokens(300);
    const discovery = issuer.discovery;
    issuer.discovery = () => {
      hanging = true;
      return discovery();
    };
    expect(await refusal(checked)).toBe('unavailable');
  });
});

test('accepts an issuer whose name ends with a slash', async () => {
  const url = issuer.url;
  issuer.discovery = () => [200, JSON.stringify({ issuer: `${url}/`, jwks_uri: `${url}/jwks` })];
  const checked = createIdTokens({ issuer: `${url}/`, clientId });
  expect(await checked.verify(await idToken({ iss: `${url}/` }), undefined)).not.toBeNull();
  expect(issuer.asked[0]).toBe('/.well-known/openid-configuration');
});
