import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@spinbay/runtime';
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { createAccounts } from './accounts.ts';
import { createInteraction } from './interaction.ts';
import { createMemoryAdapter } from './memory-adapter.ts';
import { grantAll } from './provider.ts';
import { signInByCode } from './sign-in.ts';
import { createSignInDelays } from './sign-in-delays.ts';
import { type IssuerKind, issuerKinds, type Shape } from './testing-issuer-kinds.ts';

const password = 'the password of everybody';

export interface OtherIssuerOptions {
  readonly clientId: string;
  readonly portalUrl: string;
  readonly people: readonly string[];
}

/** An issuer that resembles the one of a vendor. */
export interface OtherIssuer {
  /** Its name, as in `OIDC_ISSUER`. */
  readonly url: string;
  /** The origin of the token endpoint. */
  readonly tokenOrigin: string;
  readonly password: string;
  /** Signs in like the portal. `over` changes claims of the identity token; undefined removes a claim. */
  signIn(email: string, over?: Record<string, unknown>): Promise<{ id_token: string; nonce: string }>;
  /** Any token with the signature of the issuer, such as an access token. */
  sign(claims: JWTPayload, type?: string): Promise<string>;
  /** Signs with a new key from now on. The old one stays published. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

/**
 * oidc-provider behind the addresses, the discovery document and the claims of another vendor. The provider runs the code
 * flow with PKCE. Its identity token is then signed again, with the vendor's claims and a published key.
 */
export async function startOtherIssuer(kind: IssuerKind, options: OtherIssuerOptions): Promise<OtherIssuer> {
  const { clientId, portalUrl, people } = options;
  const [server, endpoints] = [createServer(), createServer()];
  const [issuerOrigin, otherOrigin] = await Promise.all([listen(server), listen(endpoints)]);
  const shape: Shape = issuerKinds[kind]({ issuerOrigin, otherOrigin });
  const { origin: endpointsOrigin } = new URL(shape.document.token_endpoint);

  const { sign, rotate, published } = await createKeys(shape.key);
  const accounts = createAccounts(people.map((email) => ({ email, emailVerified: true, name: email, password })));
  const hour = 3600;
  const provider = new Provider(shape.document.issuer, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [await ownKey()] },
    ttl: { Interaction: hour, Session: hour, Grant: hour, AccessToken: hour, IdToken: hour },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${portalUrl}/login/callback`],
        response_types: ['code'],
      },
    ],
    scopes: ['openid', 'email', 'profile'],
    claims: { openid: ['sub'], email: ['email'] },
    conformIdTokenClaims: false,
    clientBasedCORS: () => true,
    routes: {
      authorization: new URL(shape.document.authorization_endpoint).pathname,
      token: new URL(shape.document.token_endpoint).pathname,
    },
    findAccount: (_ctx, id) => {
      const account = accounts.byId(id);
      return account ? { accountId: id, claims: () => ({ sub: id, email: account.email }) } : undefined;
    },
    loadExistingGrant: grantAll,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
  });
  let over: Record<string, unknown> = {};
  provider.use(async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    await next();
    if (ctx.oidc?.route !== 'token' || ctx.status !== 200) return;
    const body = ctx.body as { id_token: string };
    const { iss, sub, aud, nonce, iat, exp, email } = decodeJwt(body.id_token);
    const claims = { iss, sub, aud, nonce, iat, exp, ...shape.claimsOf(String(email)), ...over };
    body.id_token = await sign(JSON.parse(JSON.stringify(claims)));
  });

  const interaction = createInteraction({
    provider,
    issuer: endpointsOrigin,
    accounts,
    delays: createSignInDelays(Date.now),
    addressOf: () => '127.0.0.1',
    portalUrl,
    log: createLogger({ name: 'other-issuer', level: 'silent' }),
  });
  const runFlow = provider.callback();
  const pathOf = (url: string) => new URL(url).pathname;
  const documents: Record<string, () => unknown> = {
    [`${pathOf(shape.document.issuer).replace(/\/$/, '')}/.well-known/openid-configuration`]: () => shape.document,
    [pathOf(shape.document.jwks_uri)]: () => ({ keys: published() }),
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', endpointsOrigin);
    const document = documents[pathname];
    if (document !== undefined) return sendDocument(response, document());
    if (pathname === pathOf(shape.document.end_session_endpoint)) {
      return signOut(response, shape.signOutTarget(searchParams, clientId), `${portalUrl}/login`);
    }
    if (pathname.startsWith('/interaction/')) return void interaction(request, response);
    return void runFlow(request, response);
  };
  for (const one of [server, endpoints]) one.on('request', handle);

  return {
    url: shape.document.issuer,
    tokenOrigin: endpointsOrigin,
    password,
    signIn: async (email, changes = {}) => {
      over = changes;
      const redirectUri = `${portalUrl}/login/callback`;
      const { id_token, nonce } = await signInByCode({
        issuer: shape.document.issuer,
        clientId,
        redirectUri,
        email,
        password,
      });
      over = {};
      return { id_token, nonce };
    },
    sign,
    rotateKeys: rotate,
    close: async () => {
      for (const one of [server, endpoints]) {
        one.close();
        one.closeAllConnections();
      }
    },
  };
}

/** The published keys, of which the newest signs. `extra` has fields of the published keys. */
async function createKeys(extra: Shape['key']) {
  const newKey = async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const kid = randomBytes(8).toString('base64url');
    return { privateKey, kid, published: { ...(await exportJWK(publicKey)), kid, use: 'sig', ...extra } };
  };
  let newest = await newKey();
  const all = [newest];
  return {
    sign: (claims: JWTPayload, typ = 'JWT') =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: newest.kid, typ }).sign(newest.privateKey),
    rotate: async () => {
      newest = await newKey();
      all.push(newest);
    },
    published: () => all.map(({ published }) => published),
  };
}

/** The key of oidc-provider. Its identity tokens are then signed again with a published key. */
async function ownKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' };
}

function sendDocument(response: ServerResponse, document: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
  response.end(JSON.stringify(document));
}

/** Ends the session if the address to return to is registered, else shows an error page, as the vendors do. */
function signOut(response: ServerResponse, target: string | null, registered: string): void {
  if (target !== registered) return void response.writeHead(400).end('Required parameters are missing');
  const gone = ['_session', '_session.sig'].map((name) => `${name}=; path=/; max-age=0`);
  response.writeHead(302, { location: target, 'set-cookie': gone }).end();
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
