import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createLogger } from '@spinbay/runtime';
import { freePort } from '@spinbay/runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SignInError, signInByCode } from './sign-in.ts';
import { type Oidc, startOidc } from './start-oidc.ts';

const issuer = 'https://shop.example:4443/oidc';
const portalUrl = 'https://shop.example:4443';
const clientId = 'spinbay-portal';
const redirectUri = `${portalUrl}/login/callback`;
const person = { email: 'reviewer@demo.test', password: 'secret of the reviewer' };

let dataDir: string;
let port: number;
let oidc: Oidc;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'spinbay-oidc-'));
  port = await freePort();
  oidc = await startOidc({
    host: '127.0.0.1',
    port,
    issuer,
    dataDir,
    users: [{ ...person, name: 'Rita Reviewer', emailVerified: true }],
    clients: [{ clientId, redirectUris: [redirectUri], postLogoutRedirectUris: [`${portalUrl}/login`] }],
    portalUrl,
    trustedProxies: ['127.0.0.1'],
    log: createLogger({ name: 'oidc', level: 'silent' }),
  });
});
afterAll(async () => {
  await oidc?.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Calls the provider like a proxy that terminates TLS and strips the path. `seen` collects its cookies. */
function throughProxy(client: string, seen: string[] = []): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(String(input));
    expect(`${url.origin}${url.pathname}`).toContain(`${issuer}/`);
    const body = init.body === undefined ? undefined : String(init.body);
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method: init.method ?? 'GET',
      path: url.pathname.slice('/oidc'.length) + url.search,
      headers: {
        ...(init.headers as Record<string, string>),
        host: url.host,
        origin: url.origin,
        'x-forwarded-for': client,
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
    });
    request.end(body);
    const [reply] = (await once(request, 'response')) as [IncomingMessage];
    seen.push(...(reply.headers['set-cookie'] ?? []));
    const headers = Object.entries(reply.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    );
    return new Response(await text(reply), { status: reply.statusCode ?? 0, headers });
  };
}

test('signing in works under the path of the issuer, with cookies only for HTTPS', async () => {
  const seen: string[] = [];
  const signedIn = await signInByCode({
    issuer,
    clientId,
    redirectUri,
    ...person,
    fetch: throughProxy('10.0.0.1', seen),
  });
  const claims = JSON.parse(Buffer.from(signedIn.id_token.split('.')[1] ?? '', 'base64url').toString());
  expect(claims).toMatchObject({ iss: issuer, email: person.email });
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter((cookie) => !/; secure/i.test(cookie))).toEqual([]);
  const paths = seen.map((cookie) => /; path=([^;]*)/.exec(cookie)?.[1] ?? '');
  expect(paths.filter((path) => path !== '/' && !path.startsWith('/oidc/'))).toEqual([]);
});

test('failed attempts are counted for the phone behind the proxy, not for the proxy', async () => {
  const wrong = { issuer, clientId, redirectUri, email: person.email, password: 'wrong' };
  const guess = () => signInByCode({ ...wrong, fetch: throughProxy('10.0.0.2') });
  for (let k = 0; k < 5; k++) await expect(guess()).rejects.toThrow(/Wrong e-mail/);
  await expect(guess()).rejects.toThrow(/Too many attempts/);
  const other = signInByCode({ issuer, clientId, redirectUri, ...person, fetch: throughProxy('10.0.0.3') });
  await expect(other).resolves.toHaveProperty('id_token');
  await expect(signInByCode({ ...wrong, fetch: throughProxy('10.0.0.3') })).rejects.toThrow(SignInError);
});
