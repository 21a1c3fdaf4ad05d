import { startOtherIssuer } from '@spinbay/local-oidc/testing-other-issuers';
import { createIdTokens } from '@spinbay/tokens';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { portalUrl, refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

/* Issuers that resemble those of Auth0, Amazon Cognito and Microsoft Entra ID. */

const clientId = '2f9c1e70-8a4d-4c55-b6c0-7f3f5be0c1aa';
let api: TestApi;
let org: TestOrg;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
});
afterAll(() => api?.stop());
afterEach(() => void vi.useRealTimers());

describe.each(['auth0', 'cognito', 'entra'] as const)('%s', (kind) => {
  let issuer: Awaited<ReturnType<typeof startOtherIssuer>>;
  let url: string;
  /** As the documentation recommends for this issuer. */
  const domains = () => (kind === 'entra' ? [org.emailOf('reviewer').split('@')[1] ?? ''] : []);
  beforeAll(async () => {
    const people = (['operator', 'reviewer', 'admin'] as const).map((role) => org.emailOf(role));
    issuer = await startOtherIssuer(kind, { clientId, portalUrl, people });
    url = await apiFor(domains());
  });
  afterAll(() => issuer?.close());

  const apiFor = async (trustedEmailDomains: string[], name = issuer.url) => {
    const idTokens = createIdTokens({ issuer: name, clientId, trustedEmailDomains });
    return (await api.another({ idTokens })).url;
  };
  const signIn = async (over: Record<string, unknown> = {}, at = url) => {
    const { id_token, nonce } = await issuer.signIn(org.emailOf('reviewer'), over);
    return api.client(undefined, at).authLogin({ body: { id_token, nonce } });
  };

  test('a person signs in, with any case of the address', async () => {
    const { body } = await signIn();
    expect(body.user).toMatchObject({ email: org.emailOf('reviewer'), role: 'reviewer', org_id: org.orgId });
    expect((await signIn({ email: org.emailOf('reviewer').toUpperCase() })).body.user.id).toBe(body.user.id);
  });

  test('signs in with a list of audiences only if the authorized party is this client', async () => {
    const resource = 'https://api.dealer.example';
    expect((await signIn({ aud: [clientId] })).status).toBe(200);
    expect((await signIn({ aud: [clientId, resource], azp: clientId })).status).toBe(200);
    for (const over of [
      { aud: [clientId, resource] },
      { aud: [clientId, resource], azp: 'another-client' },
      { aud: clientId, azp: 'another-client' },
      { aud: [resource], azp: clientId },
      { aud: 'another-client' },
      { aud: undefined },
    ])
      expect(await refusal(signIn(over))).toBe('401 invalid_id_token');
  });

  test('an unverified address is refused, also in a trusted domain', async () => {
    for (const email_verified of [false, 'false', 'no', 0, null, ''])
      expect(await refusal(signIn({ email_verified }))).toBe('401 invalid_id_token');
    expect((await signIn({ email_verified: 'true' })).status).toBe(200);
  });

  test('without email_verified only an address in a trusted domain signs in', async () => {
    const without = { email_verified: undefined };
    expect(await refusal(signIn(without, await apiFor([])))).toBe('401 invalid_id_token');
    const [domain = ''] = [org.emailOf('reviewer').split('@')[1]];
    const trusting = await apiFor([domain]);
    expect((await signIn(without, trusting)).status).toBe(200);
    for (const email of [`reviewer@sub.${domain}`, `reviewer@not${domain}`, `${domain}@elsewhere.test`])
      expect(await refusal(signIn({ ...without, email }, trusting))).toBe('401 invalid_id_token');
  });

  test('a token without an address is refused, and a user name is no address', async () => {
    const name = org.emailOf('reviewer');
    const over = { email: undefined, preferred_username: name, upn: name, 'cognito:username': name, nickname: name };
    expect(await refusal(signIn(over))).toBe('401 invalid_id_token');
  });

  test('an access token is refused', async () => {
    const { id_token } = await issuer.signIn(org.emailOf('reviewer'));
    const { nonce, aud, token_use, ...claims } = decodeJwt(id_token);
    const accessTokens = {
      auth0: {
        ...claims,
        aud: ['https://api.dealer.example', `${issuer.url}userinfo`],
        azp: clientId,
        scope: 'openid',
      },
      cognito: { ...claims, client_id: clientId, token_use: 'access', scope: 'openid email' },
      // A token for an API of the same registration, which another client requested.
      entra: { ...claims, aud, azp: 'another-client', azpacr: '0', scp: 'access' },
    };
    const { [kind]: accessToken } = accessTokens;
    const login = (token: string) => refusal(api.client(undefined, url).authLogin({ body: { id_token: token } }));
    expect(await login(await issuer.sign({ ...claims, aud: clientId }))).toBe('no error');
    for (const token of [
      await issuer.sign(accessToken),
      await issuer.sign({ ...claims, aud: clientId, token_use: 'access' }),
      await issuer.sign({ ...claims, aud: clientId }, 'at+jwt'),
    ])
      expect(await login(token)).toBe('401 invalid_id_token');
  });

  test('a token of another tenant or another version of the issuer is refused', async () => {
    const { origin } = new URL(issuer.url);
    const others = [
      `${origin}/another/v2.0`,
      `${origin}/`,
      origin,
      `${issuer.url}x`,
      issuer.url.replace(/\/$|$/, '//'),
    ];
    for (const iss of [...others, 'https://sts.windows.net/7d6f2a4e-3b1c-4a58-9f0e-5c2d1b0a9e87/']) {
      if (iss === issuer.url) continue;
      expect(await refusal(signIn({ iss }))).toBe('401 invalid_id_token');
    }
  });

  test('clocks may differ by half a minute', async () => {
    const now = Math.floor(Date.now() / 1000);
    const ahead = { iat: now + 20, nbf: now + 20, exp: now + 3620 };
    expect((await signIn(ahead)).status).toBe(200);
    expect((await signIn({ iat: now - 3610, nbf: now - 3610, exp: now - 10 })).status).toBe(200);
    expect(await refusal(signIn({ nbf: now + 300 }))).toBe('401 invalid_id_token');
    expect(await refusal(signIn({ exp: now - 300 }))).toBe('401 invalid_id_token');
  });

  test('a new key of the issuer is accepted without a restart', async () => {
    await signIn();
    await issuer.rotateKeys();
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 31_000);
    expect((await signIn()).status).toBe(200);
  });

  test('an issuer under another name is unavailable, not trusted', async () => {
    const other = issuer.url.endsWith('/') ? issuer.url.slice(0, -1) : `${issuer.url}/`;
    const at = await apiFor([], other);
    expect(await refusal(signIn({ iss: other }, at))).toBe('503 unavailable');
  });
});
