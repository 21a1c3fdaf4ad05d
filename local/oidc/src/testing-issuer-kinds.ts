import { randomUUID } from 'node:crypto';

/** What distinguishes the issuer of one vendor, as the vendor documents it. */
export interface Shape {
  readonly document: {
    readonly issuer: string;
    readonly authorization_endpoint: string;
    readonly token_endpoint: string;
    readonly jwks_uri: string;
    readonly end_session_endpoint: string;
    readonly [field: string]: unknown;
  };
  /** Fields of each published key besides the usual ones. */
  readonly key: Readonly<Record<string, unknown>>;
  /** Claims of an identity token besides those of the protocol. */
  claimsOf(email: string): Record<string, unknown>;
  /** The address to return to after a sign-out. Null: required parameters are missing. */
  signOutTarget(query: URLSearchParams, clientId: string): string | null;
}

interface Origins {
  readonly issuerOrigin: string;
  readonly otherOrigin: string;
}

const seconds = () => Math.floor(Date.now() / 1000);
const standardTarget = (query: URLSearchParams) => query.get('post_logout_redirect_uri');

/** The issuer ends with a slash. */
function auth0({ issuerOrigin: origin }: Origins): Shape {
  return {
    document: {
      issuer: `${origin}/`,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/oauth/token`,
      device_authorization_endpoint: `${origin}/oauth/device/code`,
      userinfo_endpoint: `${origin}/userinfo`,
      mfa_challenge_endpoint: `${origin}/mfa/challenge`,
      jwks_uri: `${origin}/.well-known/jwks.json`,
      registration_endpoint: `${origin}/oidc/register`,
      revocation_endpoint: `${origin}/oauth/revoke`,
      scopes_supported: ['openid', 'profile', 'offline_access', 'name', 'email', 'email_verified'],
      response_types_supported: ['code', 'token', 'id_token', 'code token', 'code id_token'],
      code_challenge_methods_supported: ['S256', 'plain'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['public'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      id_token_signing_alg_values_supported: ['HS256', 'RS256', 'PS256'],
      backchannel_logout_supported: true,
      end_session_endpoint: `${origin}/oidc/logout`,
    },
    key: { alg: 'RS256', x5t: 'c29tZSBjZXJ0aWZpY2F0ZQ', x5c: ['MIIDDTCCAfWgAwIBAgIJ'] },
    claimsOf: (email) => ({
      sub: 'auth0|63f1c2d4e5a6b7c8d9e0f1a2',
      nickname: 'ada',
      name: email,
      picture: 'https://s.gravatar.com/avatar/0',
      updated_at: '2026-01-05T10:00:00.000Z',
      email,
      email_verified: true,
      sid: 'qE4oZ6v',
      'https://dealer.example/roles': ['sales', 'photos'],
    }),
    signOutTarget: standardTarget,
  };
}

/** The issuer and its keys are on one host, and the endpoints for the browser on another. */
function cognito({ issuerOrigin, otherOrigin }: Origins): Shape {
  const issuer = `${issuerOrigin}/eu-central-1_AbCdEf123`;
  return {
    document: {
      authorization_endpoint: `${otherOrigin}/oauth2/authorize`,
      end_session_endpoint: `${otherOrigin}/logout`,
      id_token_signing_alg_values_supported: ['RS256'],
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: ['code', 'token'],
      revocation_endpoint: `${otherOrigin}/oauth2/revoke`,
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      subject_types_supported: ['public'],
      token_endpoint: `${otherOrigin}/oauth2/token`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      userinfo_endpoint: `${otherOrigin}/oauth2/userInfo`,
    },
    key: { alg: 'RS256' },
    claimsOf: (email) => ({
      sub: randomUUID(),
      'cognito:groups': ['photographers'],
      email_verified: true,
      'cognito:username': randomUUID(),
      origin_jti: randomUUID(),
      event_id: randomUUID(),
      token_use: 'id',
      auth_time: seconds(),
      jti: randomUUID(),
      email,
    }),
    // Cognito has its own parameters, not those of RP-initiated logout.
    signOutTarget: (query, clientId) => (query.get('client_id') === clientId ? query.get('logout_uri') : null),
  };
}

const tenant = '7d6f2a4e-3b1c-4a58-9f0e-5c2d1b0a9e87';

/** The version is part of the issuer, keys name no algorithm, and there is no `email_verified`. */
function entra({ issuerOrigin: origin }: Origins): Shape {
  const base = `${origin}/${tenant}`;
  return {
    document: {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      issuer: `${base}/v2.0`,
      request_uri_parameter_supported: false,
      userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
      http_logout_supported: true,
      frontchannel_logout_supported: true,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      kerberos_endpoint: `${base}/kerberos`,
      tenant_region_scope: 'EU',
      cloud_instance_name: 'microsoftonline.com',
      cloud_graph_host_name: 'graph.windows.net',
      msgraph_host: 'graph.microsoft.com',
      rbac_url: 'https://pas.windows.net',
    },
    key: {
      x5t: 'c29tZSBjZXJ0aWZpY2F0ZQ',
      x5c: ['MIIC/TCCAeWgAwIBAgIJ'],
      cloud_instance_name: 'microsoftonline.com',
      issuer: `${base}/v2.0`,
    },
    claimsOf: (email) => ({
      // Tokens are backdated by five minutes.
      iat: seconds() - 300,
      nbf: seconds() - 300,
      exp: seconds() + 3600,
      aio: 'AVQAq/8TAAAA',
      email,
      name: 'Ada Lovelace',
      oid: randomUUID(),
      preferred_username: 'ada.l@dealer.onmicrosoft.com',
      rh: '0.AXQA',
      sid: randomUUID(),
      sub: 'nX5hQ0m2L7cS9t',
      tid: tenant,
      uti: 'fqiBqXLPj0eQa82S-IYFAA',
      ver: '2.0',
    }),
    signOutTarget: standardTarget,
  };
}

export const issuerKinds = { auth0, cognito, entra } satisfies Record<string, (origins: Origins) => Shape>;
export type IssuerKind = keyof typeof issuerKinds;
