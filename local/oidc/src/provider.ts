import type { EventEmitter } from 'node:events';
import type { Logger } from '@spinbay/runtime';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Account, Accounts } from './accounts.ts';
import type { Keys } from './keys.ts';
import { createMemoryAdapter } from './memory-adapter.ts';
import { contentSecurityPolicy, faultPage, signedOutPage, signOutPage } from './pages.ts';

/** A public client: it has no secret, so only PKCE and its redirect URIs protect it. */
export interface OidcClient {
  readonly clientId: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
}

export interface ProviderOptions {
  readonly issuer: string;
  readonly keys: Keys;
  readonly accounts: Accounts;
  readonly clients: readonly OidcClient[];
  /** Address of the portal; its origin may call the token endpoint, and pages link back to it. */
  readonly portalUrl: string;
  readonly log: Logger;
}

const hour = 3600;

export function createProvider({ issuer, keys, accounts, clients, portalUrl, log }: ProviderOptions): Provider {
  const portalOrigin = new URL(portalUrl).origin;
  const mount = new URL(issuer).pathname.replace(/\/$/, '');
  // Browsers share cookies between all ports of a host. The port keeps two installations on one machine apart.
  const cookie = (name: string) => `spinbay_${new URL(issuer).port}_${name}`;
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(),
    jwks: keys.jwks,
    cookies: {
      keys: keys.cookie_keys,
      names: { session: cookie('session'), interaction: cookie('interaction'), resume: cookie('resume') },
    },
    clients: clients.map((client) => ({
      client_id: client.clientId,
      client_name: 'Spinbay',
      application_type: 'web',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: [...client.redirectUris],
      post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    })),
    responseTypes: ['code'],
    scopes: ['openid', 'email', 'profile'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // The API reads only the identity token, so it must contain the claims.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    clientBasedCORS: (_ctx, origin) => origin === portalOrigin,
    findAccount: (_ctx, id) => {
      const account = accounts.byId(id);
      return account ? { accountId: account.accountId, claims: () => claimsOf(account) } : undefined;
    },
    loadExistingGrant: grantAll,
    interactions: { url: (_ctx, interaction) => `${mount}/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.set('content-security-policy', contentSecurityPolicy(["'self'", portalOrigin]));
          ctx.body = signOutPage(form, portalUrl);
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = signedOutPage(portalUrl);
        },
      },
    },
    ttl: {
      Interaction: hour,
      Session: 8 * hour,
      Grant: 8 * hour,
      AccessToken: 8 * hour,
      IdToken: hour,
    },
    renderError(ctx, out) {
      ctx.type = 'html';
      const detail = out.error_description ?? out.error;
      ctx.body = faultPage(
        'Sign-in failed',
        `The request was refused: ${detail}. Start again from the portal.`,
        portalUrl,
      );
    },
  });
  // Trusts the forwarding headers. start-oidc.ts sets them.
  provider.proxy = true;
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'a request failed'));
  // The types lack this Koa event. Without a listener Koa prints to stderr.
  const koa: EventEmitter = provider;
  koa.on('error', (error: unknown) => log.warn({ err: error }, 'a request ended with an error'));
  provider.use(signOutAtOnce(cookie('session'), portalUrl));
  return provider;
}

function claimsOf({ accountId, email, emailVerified, name }: Account) {
  return { sub: accountId, email, email_verified: emailVerified, name };
}

/** All clients belong to Spinbay, so people are not asked for consent. */
export async function grantAll(ctx: KoaContextWithOIDC) {
  const { client, session, provider, params } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const known = session.grantIdFor(client.clientId);
  const grant =
    (known ? await provider.Grant.find(known) : undefined) ??
    new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(String(params?.scope ?? 'openid'));
  await grant.save();
  return grant;
}

/**
 * Signs out without asking in two cases: the request has the identity token of the signed-in person, or nobody is
 * signed in. In the second case the library would show a page that needs a script.
 */
function signOutAtOnce(sessionCookie: string, portalUrl: string) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    await next();
    const { oidc } = ctx;
    if (oidc?.route !== 'end_session' || ctx.status !== 200 || !oidc.session) return;
    const { session, params } = oidc;
    const hint = oidc.entities.IdTokenHint?.payload.sub;
    if (session.accountId !== undefined) {
      if (hint !== session.accountId) return;
      await session.destroy();
      ctx.cookies.set(sessionCookie, null);
    }
    const back = new URL(String(params?.post_logout_redirect_uri ?? portalUrl));
    if (typeof params?.state === 'string') back.searchParams.set('state', params.state);
    ctx.status = 303;
    ctx.redirect(back.href);
  };
}
