import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@spinbay/runtime';
import { floodConnections } from '@spinbay/runtime/testing';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SignInError, signInByCode } from './sign-in.ts';
import { type Oidc, startOidc } from './start-oidc.ts';

const portal = 'http://127.0.0.1:4100';
const redirectUri = `${portal}/login/callback`;
const clientId = 'spinbay-portal';
const log = createLogger({ name: 'oidc', level: 'silent' });
const users = ['reviewer', 'operator'].map((name) => ({
  email: `${name}@demo.test`,
  name: `Demo ${name}`,
  password: `secret of ${name}`,
  emailVerified: true,
}));
const reviewer = { email: 'Reviewer@demo.test ', password: 'secret of reviewer' };

let dataDir: string;
let oidc: Oidc;

const start = (port = 0, folder = dataDir) =>
  startOidc({
    host: '127.0.0.1',
    port,
    dataDir: folder,
    users,
    clients: [{ clientId, redirectUris: [redirectUri], postLogoutRedirectUris: [`${portal}/login`] }],
    portalUrl: portal,
    trustedProxies: [],
    log,
  });
const signIn = (over: Partial<Parameters<typeof signInByCode>[0]> = {}) =>
  signInByCode({ issuer: oidc.url, clientId, redirectUri, ...reviewer, ...over });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'spinbay-oidc-'));
  oidc = await start();
});
afterAll(async () => {
  await oidc?.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** An authorization request like that of the portal. */
function authorization(over: Record<string, string | undefined> = {}) {
  const url = new URL('/auth', oidc.url);
  const query = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid email profile',
    code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'the-state',
    ...over,
  };
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

/** A browser with cookies that does one step at a time: redirects are not followed. */
function createBrowser() {
  const jar = new Map<string, string>();
  return async (url: string | URL, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', cookie, ...(init.headers as Record<string, string>) };
    const reply = await fetch(new URL(url, oidc.url), { redirect: 'manual', ...init, headers });
    for (const line of reply.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return {
      status: reply.status,
      headers: reply.headers,
      location: reply.headers.get('location') ?? '',
      text: await reply.text(),
    };
  };
}
const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });

/** A browser with the sign-in page open. */
async function atSignInPage(over: Record<string, string | undefined> = {}) {
  const browse = createBrowser();
  const { location } = await browse(authorization(over));
  return { browse, page: location, shown: await browse(location) };
}

describe('the code flow', () => {
  test('returns an identity token that the API can verify, with address and name', async () => {
    const { id_token, nonce } = await signIn();
    const keys = createRemoteJWKSet(new URL('/jwks', oidc.url));
    const { payload, protectedHeader } = await jwtVerify(id_token, keys, { issuer: oidc.url, audience: clientId });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({ email: 'reviewer@demo.test', email_verified: true, name: 'Demo reviewer', nonce });
  });

  test('a person always has the same subject, and different people have different ones', async () => {
    const subject = async (email: string, password: string) => {
      const { id_token } = await signIn({ email, password });
      return JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString()).sub;
    };
    const first = await subject('reviewer@demo.test', 'secret of reviewer');
    expect(await subject('REVIEWER@demo.test', 'secret of reviewer')).toBe(first);
    expect(await subject('operator@demo.test', 'secret of operator')).not.toBe(first);
  });

  test('a signed-in person is not asked again', async () => {
    const { browse, page } = await atSignInPage();
    const resumed = await browse(page, form(reviewer));
    const back = await browse(resumed.location);
    expect(new URL(back.location).searchParams.get('state')).toBe('the-state');
    const again = await browse(authorization());
    expect(again.location.startsWith(`${redirectUri}?code=`)).toBe(true);
  });

  test('only the portal may read the token endpoint, and it may read the discovery document', async () => {
    const ask = async (path: string, origin: string) => {
      const { headers } = await fetch(new URL(path, oidc.url), {
        headers: { origin },
        ...(path === '/token' ? form({ grant_type: 'authorization_code', client_id: clientId, code: 'x' }) : {}),
      });
      return headers.get('access-control-allow-origin');
    };
    expect(await ask('/token', portal)).toBe(portal);
    expect(await ask('/token', 'https://evil.example')).toBeNull();
    expect(await ask('/.well-known/openid-configuration', portal)).toBe(portal);
    const preflight = await fetch(new URL('/token', oidc.url), {
      method: 'OPTIONS',
      headers: { origin: portal, 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(portal);
  });
});

describe('refuses', () => {
  test('a request without PKCE, with an error for the application', async () => {
    const reply = await createBrowser()(authorization({ code_challenge: undefined, code_challenge_method: undefined }));
    const query = new URL(reply.location).searchParams;
    expect([query.get('error'), query.get('state')]).toEqual(['invalid_request', 'the-state']);
    expect(query.get('error_description')).toContain('PKCE');
  });

  test('PKCE in plain text', async () => {
    const reply = await createBrowser()(authorization({ code_challenge_method: 'plain' }));
    expect(new URL(reply.location).searchParams.get('error')).toBe('invalid_request');
  });

  test.each(['https://evil.example/cb', `${portal}/other`, 'http://localhost:4100/login/callback'])(
    'a redirect to %s, with an error page and no redirect',
    async (redirect_uri) => {
      const reply = await createBrowser()(authorization({ redirect_uri }));
      expect([reply.status, reply.location]).toEqual([400, '']);
      expect(reply.text).toContain('redirect_uri');
    },
  );

  test('an unregistered application', async () => {
    await expect(signIn({ clientId: 'other' })).rejects.toThrow(/client/);
  });

  test('a wrong password and an unknown address, with the same answer', async () => {
    const wrong = async (email: string) => {
      const { browse, page } = await atSignInPage();
      const { status, text } = await browse(page, form({ email, password: 'guess' }));
      return { status, text: text.replaceAll(email, '').replace(/\/interaction\/[\w-]+/, '') };
    };
    const known = await wrong('reviewer@demo.test');
    expect(known.status).toBe(401);
    expect(known.text).toContain('Wrong e-mail address or password.');
    expect(await wrong('nobody@demo.test')).toEqual(known);
    await expect(signIn({ password: 'guess' })).rejects.toThrow('Wrong e-mail address or password.');
  });

  test('even the right password for some time after five failures for an account, but no other account', async () => {
    const email = 'operator@demo.test';
    for (let i = 0; i < 5; i++) await expect(signIn({ email, password: 'guess' })).rejects.toThrow(/Wrong/);
    await expect(signIn({ email, password: 'secret of operator' })).rejects.toThrow(
      /Too many attempts. Try again in \d+ s/,
    );
    await expect(signIn()).resolves.toHaveProperty('id_token');
  });

  test('a form from another page, or from a browser without the sign-in', async () => {
    const { browse, page } = await atSignInPage();
    const foreign = await browse(page, { ...form(reviewer), headers: { origin: portal } });
    expect(foreign.status).toBe(403);
    const elsewhere = await createBrowser()(page, form(reviewer));
    expect(elsewhere.status).toBe(400);
    expect(elsewhere.text).toContain('started in another browser');
    const own = await browse(page, { ...form(reviewer), headers: { origin: oidc.url } });
    expect(own.status).toBe(303);
  });

  test('bodies that are not a form, or are too long', async () => {
    const { browse, page } = await atSignInPage();
    expect((await browse(page, { method: 'POST', body: '{}' })).status).toBe(415);
    expect((await browse(page, form({ email: 'a'.repeat(9000) }))).status).toBe(413);
    expect((await browse(page, { method: 'DELETE' })).status).toBe(405);
  });

  test('another host name, as with DNS rebinding', async () => {
    const reply = await fetch(`http://localhost:${new URL(oidc.url).port}/.well-known/openid-configuration`).catch(
      () => null,
    );
    // On machines where localhost is only ::1, nothing listens there.
    expect(reply?.status ?? 421).toBe(421);
  });
});

describe('the sign-in page', () => {
  test('runs no script, cannot be framed, and sends its form only to itself and the application', async () => {
    const { shown } = await atSignInPage({ login_hint: '"><script>alert(1)</script>' });
    const policy = shown.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`form-action 'self' ${portal};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(shown.text).not.toContain('<script');
    expect(shown.headers.get('cache-control')).toBe('no-store');
  });

  test('suggests the address that the application names', async () => {
    const { shown } = await atSignInPage({ login_hint: 'reviewer@demo.test' });
    expect(shown.text).toContain('value="reviewer@demo.test"');
  });

  test('asks again if the application requests it', async () => {
    const { browse, page } = await atSignInPage();
    await browse((await browse(page, form(reviewer))).location);
    const again = await browse(authorization({ prompt: 'login' }));
    expect(again.location).toMatch(/^\/interaction\//);
    const consent = await browse(authorization({ prompt: 'consent' }));
    const passed = await browse(consent.location);
    expect((await browse(passed.location)).location).toContain(`${redirectUri}?code=`);
  });
});

describe('signing out', () => {
  async function signedIn() {
    const { browse, page } = await atSignInPage();
    const back = await browse((await browse(page, form(reviewer))).location);
    const tokens = await browse(
      '/token',
      form({
        grant_type: 'authorization_code',
        client_id: clientId,
        redirect_uri: redirectUri,
        code: new URL(back.location).searchParams.get('code') ?? '',
        code_verifier: 'v'.repeat(43),
      }),
    );
    return { browse, idToken: JSON.parse(tokens.text).id_token as string };
  }
  const end = (query: Record<string, string>) => `/session/end?${new URLSearchParams(query)}`;
  const back = { client_id: clientId, post_logout_redirect_uri: `${portal}/login`, state: 's' };

  test('works immediately with the identity token, and the next sign-in asks for the password', async () => {
    const { browse, idToken } = await signedIn();
    const out = await browse(end({ ...back, id_token_hint: idToken }));
    expect([out.status, out.location]).toEqual([303, `${portal}/login?state=s`]);
    expect((await browse(authorization())).location).toMatch(/^\/interaction\//);
  });

  test('shows a page with one button, which needs no script, without the identity token', async () => {
    const { browse } = await signedIn();
    const page = await browse(end(back));
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('<script');
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const out = await browse('/session/end/confirm', form({ xsrf, logout: 'yes' }));
    expect([out.status, out.location]).toEqual([303, `${portal}/login?state=s`]);
    expect((await browse(authorization())).location).toMatch(/^\/interaction\//);
  });

  test('redirects straight back if the person is already signed out', async () => {
    const out = await createBrowser()(end(back));
    expect([out.status, out.location]).toEqual([303, `${portal}/login?state=s`]);
  });

  test('is refused if it leads to an unregistered address', async () => {
    const { browse, idToken } = await signedIn();
    const out = await browse(
      end({ ...back, post_logout_redirect_uri: 'https://evil.example', id_token_hint: idToken }),
    );
    expect([out.status, out.location]).toEqual([400, '']);
  });
});

describe('starting and stopping', () => {
  test('keys survive a restart, only their owner can read them, and sign-in works again', async () => {
    const { id_token } = await signIn();
    const file = join(dataDir, 'oidc-keys.json');
    const before = await readFile(file, 'utf8');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const port = Number(new URL(oidc.url).port);
    await oidc.close();
    oidc = await start(port);
    expect(await readFile(file, 'utf8')).toBe(before);
    await jwtVerify(id_token, createRemoteJWKSet(new URL('/jwks', oidc.url)), { issuer: oidc.url });
    await expect(signIn()).resolves.toHaveProperty('id_token');
  });

  test('a damaged key file gives an error with a solution, and is not overwritten', async () => {
    const damaged = await mkdtemp(join(tmpdir(), 'spinbay-oidc-'));
    await writeFile(join(damaged, 'oidc-keys.json'), '{"jwks":');
    await expect(start(0, damaged)).rejects.toThrow(/oidc-keys.json does not contain the keys .* Remove it/);
    expect(await readFile(join(damaged, 'oidc-keys.json'), 'utf8')).toBe('{"jwks":');
    await rm(damaged, { recursive: true });
  });

  test('the error names a port that is in use', async () => {
    const port = Number(new URL(oidc.url).port);
    await expect(start(port)).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use`);
  });

  test('/healthz answers', async () => {
    const reply = await fetch(new URL('/healthz', oidc.url));
    expect([reply.status, await reply.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('an issuer that does not answer is named in the error', async () => {
    const error = await signIn({ issuer: 'http://127.0.0.1:9' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SignInError);
    expect((error as Error).message).toContain('does not answer at http://127.0.0.1:9');
  });
});

test('during floods of idle connections and of incomplete and slow requests, the sign-in answers every address and closes the flood', async () => {
  expect(await floodConnections({ port: Number(new URL(oidc.url).port), path: '/healthz', perAddress: 256 })).toEqual(
    [],
  );
}, 60_000);
