import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  randomUUID,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { Problem, SiteId, UserId } from '@spinbay/contracts';
import { maxTokenLength, rotateSigningKeys } from '@spinbay/tokens';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestOrg } from '../testing.ts';

/* What somebody without a token of ours can try against a running API, in the place where a token belongs. */

let api: TestApi;
let org: TestOrg;
let device: { deviceId: string; token: string };
let kid: string;
let privatePem: string;
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pemOf = (key: typeof stranger.privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  device = await api.device(org);
  const [key] = JSON.parse(await readFile(api.keyFile, 'utf8')).keys;
  kid = key.kid;
  privatePem = pemOf(createPrivateKey({ key, format: 'jwk' }));
});
afterAll(() => api?.stop());

const now = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The claims of a good token of the device, some of them changed; `undefined` takes one away. */
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
/** The same for a person. */
const person = (over: object = {}) => {
  const id = randomUUID();
  return claims({ device_id: undefined, user_id: id, sub: id, role: 'admin', site_ids: [org.siteIds[0]], ...over });
};
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
/** With a key of the stranger's, who says so in the header. */
const forged = (header: object, payload: object = claims()) => sign(payload, header, pemOf(stranger.privateKey));
const publicKey = () => createPublicKey(privatePem);
const strangersJwk = () => ({ ...stranger.publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' });

/** Asks for a route that devices and people may call. Through node:http, as `fetch` mends what is sent. */
async function ask(authorization: string | string[] | undefined) {
  const reply = await new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      // Its type knows of one value; a list is sent as one header for each.
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

async function expectNobody(authorization: string | string[] | undefined) {
  const { status, headers, body } = await ask(authorization);
  expect(status).toBe(401);
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(headers['www-authenticate']).toBe('Bearer');
  const problem = Problem.parse(JSON.parse(body));
  // Nothing of why: that would help to forge the next one.
  expect(problem).toEqual({
    type: 'urn:spinbay:error:unauthenticated',
    title: problem.title,
    status: 401,
    code: 'unauthenticated',
    request_id: headers['x-request-id'],
  });
}

test('the forger of this test can sign: for a device, and for a person', async () => {
  expect((await ask(`Bearer ${sign(claims())}`)).status).toBe(200);
  const admin = await api.as(org, 'admin');
  expect((await admin.listSessions()).status).toBe(200);
});

describe('a token that is none of ours', () => {
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
    ['RS512 said, RS256 done', () => sign(claims(), { alg: 'RS512' })],
    ['PS256 said, RS256 done', () => sign(claims(), { alg: 'PS256' })],
    ['ES256 said, RS256 done', () => sign(claims(), { alg: 'ES256' })],
    // Keys
    ['a stranger’s key under our kid', () => forged({})],
    ['a stranger’s key for an admin', () => forged({}, person())],
    ['a stranger’s key within, as jwk', () => forged({ jwk: strangersJwk() })],
    ['a stranger’s key within, without kid', () => forged({ jwk: strangersJwk(), kid: undefined })],
    ['a stranger’s keys by jku', () => forged({ jku: 'https://evil.example/jwks.json' })],
    ['our own address as jku', () => forged({ jku: `${api.url}/.well-known/jwks.json`, kid: 'stranger' })],
    ['a stranger’s certificate by x5u', () => forged({ x5u: 'https://evil.example/cert.pem' })],
    ['a stranger’s certificate within, as x5c', () => forged({ x5c: ['MIIB'], x5t: 'AAAA' })],
    ['no kid', () => sign(claims(), { kid: undefined })],
    ['an empty kid', () => sign(claims(), { kid: '' })],
    ['a wrong kid', () => sign(claims(), { kid: `${kid}x` })],
    ['a kid that is a path', () => sign(claims(), { kid: '../../../../dev/null' })],
    ['a kid that is SQL', () => sign(claims(), { kid: "' or 1=1; --" })],
    ['a kid that is a prototype’s', () => sign(claims(), { kid: '__proto__' })],
    ['a kid that is no text', () => sign(claims(), { kid: { $ne: null } })],
    ['an unknown critical header', () => sign(claims(), { crit: ['exp'], exp: 1 })],
    ['an unencoded payload', () => sign(claims(), { crit: ['b64'], b64: false })],
    // Claims
    ['another issuer', () => sign(claims({ iss: 'https://evil.example' }))],
    ['the issuer with a slash', () => sign(claims({ iss: 'https://api.spinbay.test/' }))],
    ['another audience', () => sign(claims({ aud: 'spinbay-portal' }))],
    ['the audience in other letters', () => sign(claims({ aud: 'Spinbay' }))],
    ['one that has expired', () => sign(claims({ iat: now() - 120, exp: now() - 1 }))],
    ['one that expires as text', () => sign(claims({ exp: String(now() + 60) }))],
    ['one that is not valid yet', () => sign(claims({ nbf: now() + 60 }))],
    ...['iss', 'aud', 'sub', 'iat', 'exp', 'org_id', 'role', 'device_id'].map((name): [string, () => string] => [
      `a device’s without ${name}`,
      () => sign(claims({ [name]: undefined })),
    ]),
    ...['iss', 'aud', 'sub', 'iat', 'exp', 'org_id', 'role', 'user_id', 'site_ids'].map(
      (name): [string, () => string] => [`a person’s without ${name}`, () => sign(person({ [name]: undefined }))],
    ),
    ['a person with the role device', () => sign(person({ role: 'device' }))],
    ['a device with the role admin', () => sign(claims({ role: 'admin' }))],
    ['a role that does not exist', () => sign(person({ role: 'owner' }))],
    ['several roles', () => sign(person({ role: ['admin'] }))],
    ['all sites by a word', () => sign(person({ site_ids: '*' }))],
    ['a site that is no id', () => sign(person({ site_ids: ['*'] }))],
    ['an organization that is no id', () => sign(claims({ org_id: "x' or '1'='1" }))],
    ['several organizations', () => sign(claims({ org_id: [org.orgId] }))],
    ['claims as a list', () => sign([claims()])],
    ['claims as a text', () => sign('claims' as unknown as object)],
    ['no claims', () => sign({})],
    // Shapes
    ['an identity token’s shape', () => sign({ ...claims(), role: undefined, email: 'admin@org1.test' })],
    ['dots', () => '..'],
    ['five parts, as encrypted ones have', () => `${sign(claims())}.a.b`],
    ['a head that is no JSON', () => `${Buffer.from('{').toString('base64url')}.${encode(claims())}.AAAA`],
    ['a payload that is no JSON', () => `${head()}.AAAA.AAAA`],
    ['a token in a token', () => `${head()}.${Buffer.from(device.token).toString('base64url')}.AAAA`],
    ['a token and more', () => `${device.token}=`],
    ['a token cut short', () => device.token.slice(0, -1)],
    ['a huge one', () => sign(claims({ pad: 'x'.repeat(maxTokenLength) }))],
    ['a huge head', () => sign(claims(), { pad: 'x'.repeat(maxTokenLength) })],
    [
      'a deep head',
      () => `${Buffer.from(`{"alg":"RS256","x":${'['.repeat(9_000)}`).toString('base64url')}.${encode(claims())}.AAAA`,
    ],
  ];
  test.each(table)('%s', async (_, token) => expectNobody(`Bearer ${token()}`));

  test('an identity token of the issuer', async () => {
    const { id_token } = await api.idToken(org.emailOf('admin'));
    await expectNobody(`Bearer ${id_token}`);
  });
});

describe('a good token in a bad header', () => {
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
    ['twice, both good', () => [`Bearer ${device.token}`, `Bearer ${device.token}`]],
    ['twice, the second forged', () => [`Bearer ${device.token}`, `Bearer ${forged({}, person())}`]],
    ['twice, the first forged', () => [`Bearer ${forged({}, person())}`, `Bearer ${device.token}`]],
    ['beside another scheme', () => [`Bearer ${device.token}`, 'Basic YTpi']],
  ];
  test.each(table)('%s', async (_, header) => expectNobody(header()));

  test('the scheme in other letters is the same scheme', async () => {
    expect((await ask(`bearer ${device.token}`)).status).toBe(200);
  });

  test('more than a server takes is refused before anything looks at it', async () => {
    const { status } = await ask(`Bearer ${'x'.repeat(4 * maxTokenLength)}`);
    expect(status).toBe(431);
  });
});

test('the keys are rotated under a running API: old tokens stay good, new ones come from the new key', async () => {
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
  // Whoever once saw the old kid cannot use it for a key of one's own.
  await expectNobody(`Bearer ${forged({ kid: next })}`);
  const id = UserId.parse(randomUUID());
  const site = SiteId.parse(org.siteIds[0]);
  const user = await api.tokens.forUser({ id, orgId: org.orgId, siteIds: [site], role: 'operator' });
  expect(decodeProtectedHeader(user.token).kid).toBe(next);
});
