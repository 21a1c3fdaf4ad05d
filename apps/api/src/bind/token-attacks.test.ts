import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  randomUUID,
  X509Certificate,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Problem, SiteId, UserId, type UserRole } from '@spinbay/contracts';
import { maxTokenLength, rotateSigningKeys } from '@spinbay/tokens';
import { decodeProtectedHeader } from 'jose';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestOrg } from '../testing.ts';

/* Attacks on a running API with forged or malformed tokens. */

let api: TestApi;
let org: TestOrg;
let otherOrg: TestOrg;
let device: { deviceId: string; token: string };
let users: Record<UserRole, string>;
/** Serves the attacker's keys, and records who fetches them. */
let attacker: { url: string; asked: (string | undefined)[]; server: Server };
/** The certificate of the attacker's key, signed with the same key. */
let certificate: X509Certificate;
let kid: string;
let privatePem: string;
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pemOf = (key: typeof stranger.privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

beforeAll(async () => {
  api = await startTestApi();
  [org, otherOrg] = [await api.makeOrg(), await api.makeOrg()];
  device = await api.device(org);
  const { rows } = await api.database.admin.query('select role, id from users where org_id = $1', [org.orgId]);
  users = Object.fromEntries(rows.map(({ role, id }) => [role, id])) as typeof users;
  certificate = await certifyStranger();
  attacker = await startAttacker();
  const [key] = JSON.parse(await readFile(api.keyFile, 'utf8')).keys;
  kid = key.kid;
  privatePem = pemOf(createPrivateKey({ key, format: 'jwk' }));
});
afterAll(async () => {
  attacker?.server.close();
  await api?.stop();
});

async function startAttacker(): Promise<typeof attacker> {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    if (request.url === '/cert.pem') response.end(certificate.toString());
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [strangersJwk()] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

async function certifyStranger(): Promise<X509Certificate> {
  const keyPair = {
    privateKey: pemOf(stranger.privateKey),
    publicKey: stranger.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  const { cert } = await generate([{ name: 'commonName', value: 'api.spinbay.test' }], {
    keyPair,
    algorithm: 'sha256',
  });
  return new X509Certificate(cert);
}

const now = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The claims of a valid device token with some changes. `undefined` removes a claim. */
const claims = (over: object = {}) => ({
  device_id: device.deviceId,
  org_id: org.orgId,
  role: 'device',
  sub: device.deviceId,
  iss: 'https://api.spinbay.test',
  aud: 'spinbay',
  iat: now(),
  exp: now() + 60,
  ...over,
});
/** The claims of a valid token of the administrator with some changes. */
const person = (over: object = {}) =>
  claims({
    device_id: undefined,
    user_id: users.admin,
    sub: users.admin,
    role: 'admin',
    site_ids: [org.siteIds[0]],
    ...over,
  });
const head = (over: object = {}) => encode({ alg: 'RS256', typ: 'JWT', kid, ...over });

/** Signs by hand, so that anything can be signed. */
function sign(payload: object, header: object = {}, pem = privatePem): string {
  const start = `${head(header)}.${encode(payload)}`;
  return `${start}.${createSign('RSA-SHA256').update(start).sign(pem).toString('base64url')}`;
}
function hmac(secret: string | Buffer, alg = 'HS256'): string {
  const start = `${head({ alg })}.${encode(claims())}`;
  return `${start}.${createHmac(alg.replace('HS', 'sha'), secret).update(start).digest('base64url')}`;
}
/** Signs with the attacker's key. The kid is that of the server, unless `header` replaces it. */
const forged = (header: object, payload: object = claims()) => sign(payload, header, pemOf(stranger.privateKey));
const publicKey = () => createPublicKey(privatePem);
const attackersAddresses = () => ({ jku: `${attacker.url}/jwks.json`, x5u: `${attacker.url}/cert.pem` });
/** Headers with the certificate of the attacker's key and its thumbprints. */
const embedded = () => {
  const thumbprint = (hash: string) => createHash(hash).update(certificate.raw).digest('base64url');
  return { x5c: [certificate.raw.toString('base64')], x5t: thumbprint('sha1'), 'x5t#S256': thumbprint('sha256') };
};
const strangersJwk = () => ({ ...stranger.publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' });

/** Calls a route for devices and people. Uses node:http, because `fetch` corrects headers. */
async function ask(authorization: string | string[] | undefined) {
  const reply = await new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      // The type allows one value, but a list is sent as several headers.
      const headers = (authorization === undefined ? {} : { authorization }) as OutgoingHttpHeaders;
      const asked = httpRequest(`${api.url}/sessions`, { headers }, (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        );
      });
      asked.on('error', reject).end();
    },
  );
  return reply;
}

async function expectUnauthenticated(authorization: string | string[] | undefined) {
  const { status, headers, body } = await ask(authorization);
  expect(status).toBe(401);
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(headers['www-authenticate']).toBe('Bearer');
  const problem = Problem.parse(JSON.parse(body));
  // The reason is not revealed, because it would help the attacker.
  expect(problem).toEqual({
    type: 'urn:spinbay:error:unauthenticated',
    title: problem.title,
    status: 401,
    code: 'unauthenticated',
    request_id: headers['x-request-id'],
  });
}

// Each attack below differs from one of these tokens in one respect.
describe('a valid token is accepted', () => {
  const table: [name: string, token: () => string][] = [
    ['a device’s, as the API issued it', () => device.token],
    ['a device’s', () => sign(claims())],
    ['an administrator’s', () => sign(person())],
    ['an operator’s', () => sign(person({ user_id: users.operator, sub: users.operator, role: 'operator' }))],
    ['a person’s of the first generation', () => sign(person({ token_generation: 0 }))],
    ['a person’s with an id of the token', () => sign(person({ jti: randomUUID() }))],
    ['issued two minutes ago', () => sign(claims({ iat: now() - 120 }))],
    ['valid since a minute ago', () => sign(claims({ nbf: now() - 60 }))],
    ['with an audience in a list', () => sign(claims({ aud: ['spinbay'] }))],
    ['with another claim', () => sign(claims({ pad: 'x' }))],
    ['with another header', () => sign(claims(), { pad: 'x' })],
    [
      'with the headers of an attacker’s keys',
      () => sign(claims(), { jwk: strangersJwk(), ...embedded(), ...attackersAddresses() }),
    ],
    ['with the header of an extension that is not critical', () => sign(claims(), { exp: 1, b64: true })],
  ];
  test.each(table)('%s', async (_, token) => expect((await ask(`Bearer ${token()}`)).status).toBe(200));

  test('of a person who signed in', async () => {
    const admin = await api.as(org, 'admin');
    expect((await admin.listSessions()).status).toBe(200);
  });
});

describe('a token that Spinbay did not sign is refused', () => {
  const table: [name: string, token: () => string][] = [
    // Signatures
    ['alg none', () => `${head({ alg: 'none' })}.${encode(claims())}.`],
    ['alg NONE', () => `${head({ alg: 'NONE' })}.${encode(claims())}.`],
    ['alg none with a signature', () => `${head({ alg: 'none' })}.${encode(claims())}.${sign(claims()).split('.')[2]}`],
    ['no alg', () => sign(claims(), { alg: undefined })],
    ['alg as a list', () => sign(claims(), { alg: ['RS256'] })],
    ['an empty signature', () => `${head()}.${encode(claims())}.`],
    ['no signature', () => `${head()}.${encode(claims())}`],
    ['the signature of another token', () => `${head()}.${encode(claims())}.${device.token.split('.')[2]}`],
    ['HS256 with the public key as PEM', () => hmac(publicKey().export({ type: 'spki', format: 'pem' }) as string)],
    ['HS256 with the PEM, trimmed', () => hmac((publicKey().export({ type: 'spki', format: 'pem' }) as string).trim())],
    ['HS256 with the PKCS #1 PEM', () => hmac(publicKey().export({ type: 'pkcs1', format: 'pem' }) as string)],
    ['HS256 with the public key as DER', () => hmac(publicKey().export({ type: 'spki', format: 'der' }) as Buffer)],
    ['HS256 with the public key as JWK', () => hmac(JSON.stringify(publicKey().export({ format: 'jwk' })))],
    ['HS256 with the modulus', () => hmac(Buffer.from(publicKey().export({ format: 'jwk' }).n ?? '', 'base64url'))],
    ['HS512 with the public key', () => hmac(publicKey().export({ type: 'spki', format: 'pem' }) as string, 'HS512')],
    ['HS256 with an empty secret', () => hmac('')],
    ['HS256 with the kid', () => hmac(kid)],
    ['RS512 in the header, RS256 signature', () => sign(claims(), { alg: 'RS512' })],
    ['PS256 in the header, RS256 signature', () => sign(claims(), { alg: 'PS256' })],
    ['ES256 in the header, RS256 signature', () => sign(claims(), { alg: 'ES256' })],
    // Keys
    ['an attacker’s key with a valid kid', () => forged({})],
    ['an attacker’s key for an admin', () => forged({}, person())],
    ['an attacker’s key embedded as jwk', () => forged({ jwk: strangersJwk() })],
    ['an attacker’s key embedded without kid', () => forged({ jwk: strangersJwk(), kid: undefined })],
    ['an attacker’s keys by jku', () => forged({ jku: attackersAddresses().jku })],
    ['an attacker’s keys by jku with their kid', () => forged({ jku: attackersAddresses().jku, kid: 'stranger' })],
    ['the server’s own address as jku', () => forged({ jku: `${api.url}/.well-known/jwks.json`, kid: 'stranger' })],
    ['an attacker’s certificate by x5u', () => forged({ x5u: attackersAddresses().x5u })],
    ['an attacker’s certificate embedded as x5c', () => forged(embedded())],
    ['an attacker’s certificate embedded without kid', () => forged({ ...embedded(), kid: undefined })],
    ['an attacker’s certificate with its thumbprint as kid', () => forged({ ...embedded(), kid: embedded().x5t })],
    ['an attacker’s certificate embedded for an admin', () => forged(embedded(), person())],
    ['no kid', () => sign(claims(), { kid: undefined })],
    ['an empty kid', () => sign(claims(), { kid: '' })],
    ['a wrong kid', () => sign(claims(), { kid: `${kid}x` })],
    ['a kid that is a path', () => sign(claims(), { kid: '../../../../dev/null' })],
    ['a kid that is SQL', () => sign(claims(), { kid: "' or 1=1; --" })],
    ['a kid that is a property of prototypes', () => sign(claims(), { kid: '__proto__' })],
    ['a kid that is not a string', () => sign(claims(), { kid: { $ne: null } })],
    ['an unknown critical header', () => sign(claims(), { crit: ['exp'], exp: 1 })],
    ['an unencoded payload', () => sign(claims(), { crit: ['b64'], b64: false })],
    // Claims
    ['another issuer', () => sign(claims({ iss: 'https://evil.example' }))],
    ['the issuer with a slash', () => sign(claims({ iss: 'https://api.spinbay.test/' }))],
    ['another audience', () => sign(claims({ aud: 'spinbay-portal' }))],
    ['the audience in another case', () => sign(claims({ aud: 'Spinbay' }))],
    ['an expired token', () => sign(claims({ iat: now() - 120, exp: now() - 1 }))],
    ['an expiry as a string', () => sign(claims({ exp: String(now() + 60) }))],
    ['a token that is not valid yet', () => sign(claims({ nbf: now() + 60 }))],
    ...['iss', 'aud', 'sub', 'iat', 'exp', 'org_id', 'role', 'device_id'].map((name): [string, () => string] => [
      `a device’s without ${name}`,
      () => sign(claims({ [name]: undefined })),
    ]),
    ...['iss', 'aud', 'sub', 'iat', 'exp', 'org_id', 'role', 'user_id', 'site_ids'].map(
      (name): [string, () => string] => [`a person’s without ${name}`, () => sign(person({ [name]: undefined }))],
    ),
    ['a device that does not exist', () => sign(claims({ device_id: randomUUID() }))],
    ['a device in another organization', () => sign(claims({ org_id: otherOrg.orgId }))],
    ['a person who does not exist', () => sign(person({ user_id: randomUUID() }))],
    ['a person in another organization', () => sign(person({ org_id: otherOrg.orgId }))],
    ['an operator with the role of an administrator', () => sign(person({ user_id: users.operator }))],
    ['an administrator with another role', () => sign(person({ role: 'reviewer' }))],
    ['a generation that the person does not have', () => sign(person({ token_generation: 1 }))],
    ['a generation as a string', () => sign(person({ token_generation: '0' }))],
    ['an id of the token that is not an id', () => sign(person({ jti: '*' }))],
    ['a person with the role device', () => sign(person({ role: 'device' }))],
    ['a device with the role admin', () => sign(claims({ role: 'admin' }))],
    ['a role that does not exist', () => sign(person({ role: 'owner' }))],
    ['several roles', () => sign(person({ role: ['admin'] }))],
    ['a word instead of sites', () => sign(person({ site_ids: '*' }))],
    ['a site that is not an id', () => sign(person({ site_ids: ['*'] }))],
    ['an organization that is not an id', () => sign(claims({ org_id: "x' or '1'='1" }))],
    ['several organizations', () => sign(claims({ org_id: [org.orgId] }))],
    ['claims as a list', () => sign([claims()])],
    ['claims as a string', () => sign('claims' as unknown as object)],
    ['no claims', () => sign({})],
    // Shapes
    ['an identity token’s shape', () => sign({ ...claims(), role: undefined, email: 'admin@org1.test' })],
    ['dots', () => '..'],
    ['five parts, as encrypted ones have', () => `${sign(claims())}.a.b`],
    ['a header that is not JSON', () => `${Buffer.from('{').toString('base64url')}.${encode(claims())}.AAAA`],
    ['a payload that is not JSON', () => `${head()}.AAAA.AAAA`],
    ['a token in a token', () => `${head()}.${Buffer.from(device.token).toString('base64url')}.AAAA`],
    ['a token with extra text', () => `${device.token}=`],
    ['a truncated token', () => device.token.slice(0, -1)],
    ['a huge token', () => sign(claims({ pad: 'x'.repeat(maxTokenLength) }))],
    ['a huge header', () => sign(claims(), { pad: 'x'.repeat(maxTokenLength) })],
    [
      'a deeply nested header',
      () => `${Buffer.from(`{"alg":"RS256","x":${'['.repeat(9_000)}`).toString('base64url')}.${encode(claims())}.AAAA`,
    ],
  ];
  test.each(table)('%s', async (_, token) => expectUnauthenticated(`Bearer ${token()}`));

  test('has a signature that the attacker’s embedded certificate verifies', () => {
    const [header = '', payload = '', signature = ''] = forged(embedded()).split('.');
    const { x5c } = decodeProtectedHeader(`${header}.${payload}.${signature}`);
    const { publicKey } = new X509Certificate(Buffer.from(x5c?.[0] ?? '', 'base64'));
    const verify = createVerify('RSA-SHA256').update(`${header}.${payload}`);
    expect(certificate.verify(publicKey)).toBe(true);
    expect(verify.verify(publicKey, signature, 'base64url')).toBe(true);
  });

  test('keys of an attacker are never fetched', async () => {
    await fetch(`${attacker.url}/of-this-test`);
    expect(attacker.asked).toEqual(['/of-this-test']);
  });

  test('an identity token of the issuer', async () => {
    const { id_token } = await api.idToken(org.emailOf('admin'));
    await expectUnauthenticated(`Bearer ${id_token}`);
  });
});

describe('a valid token in a malformed header is refused', () => {
  const table: [name: string, header: () => string | string[] | undefined][] = [
    ['no header', () => undefined],
    ['an empty header', () => ''],
    ['the scheme alone', () => 'Bearer'],
    ['the scheme and a space', () => 'Bearer '],
    ['no scheme', () => device.token],
    ['no space', () => `Bearer${device.token}`],
    ['two spaces', () => `Bearer  ${device.token}`],
    ['a tab', () => `Bearer\t${device.token}`],
    ['another scheme', () => `Basic ${device.token}`],
    ['the scheme twice', () => `Bearer Bearer ${device.token}`],
    ['in quotes', () => `Bearer "${device.token}"`],
    ['as a parameter', () => `Bearer token=${device.token}`],
    ['with a comma', () => `Bearer ${device.token},`],
    ['twice in one', () => `Bearer ${device.token}, Bearer ${device.token}`],
    ['twice, both valid', () => [`Bearer ${device.token}`, `Bearer ${device.token}`]],
    ['twice, the second forged', () => [`Bearer ${device.token}`, `Bearer ${forged({}, person())}`]],
    ['twice, the first forged', () => [`Bearer ${forged({}, person())}`, `Bearer ${device.token}`]],
    ['next to another scheme', () => [`Bearer ${device.token}`, 'Basic YTpi']],
  ];
  test.each(table)('%s', async (_, header) => expectUnauthenticated(header()));

  test('the case of the scheme does not matter', async () => {
    expect((await ask(`bearer ${device.token}`)).status).toBe(200);
  });

  test('headers beyond the server’s limit are refused before authentication', async () => {
    const { status } = await ask(`Bearer ${'x'.repeat(4 * maxTokenLength)}`);
    expect(status).toBe(431);
  });
});

test('after a key rotation under a running API old tokens stay valid, and new ones have the new key', async () => {
  const old = device.token;
  const { kid: next } = await rotateSigningKeys(api.keyFile, now() - 601);
  const jwks = async () => {
    const reply = await fetch(`${api.url}/.well-known/jwks.json`);
    const { keys } = (await reply.json()) as { keys: { kid: string }[] };
    return keys.map((key) => key.kid);
  };
  await expect.poll(jwks, { timeout: 10_000 }).toEqual([next, kid]);
  const { token } = await api.device(org);
  expect(decodeProtectedHeader(token).kid).toBe(next);
  expect((await ask(`Bearer ${token}`)).status).toBe(200);
  expect((await ask(`Bearer ${old}`)).status).toBe(200);
  // An attacker who knows the old kid cannot use it for another key.
  await expectUnauthenticated(`Bearer ${forged({ kid: next })}`);
  const id = UserId.parse(users.operator);
  const site = SiteId.parse(org.siteIds[0]);
  const user = await api.tokens.forUser({ id, orgId: org.orgId, siteIds: [site], role: 'operator' });
  expect(decodeProtectedHeader(user.token).kid).toBe(next);
  expect((await ask(`Bearer ${user.token}`)).status).toBe(200);
});
