import { hash } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';
import { z } from 'zod';

/** The issuer did not return valid documents. This says nothing about the token. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

/** The minimum pause after a failed request to the issuer, so that many tokens do not cause many requests. */
const pauseMs = 1_000;

/** The tolerated difference between the clocks of the issuer and of this server, in seconds. */
const clockToleranceS = 30;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url(), token_endpoint: z.url().optional() });
const IdTokenClaims = z.object({
  email: z.email().max(320),
  // Cognito's userinfo endpoint returns this as a string.
  email_verified: z.union([z.literal(true), z.literal('true')]).optional(),
  // Cognito's access tokens look like identity tokens, except for this claim.
  token_use: z.literal('id').optional(),
  nonce: z.string().optional(),
  azp: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
});

/** The identity that a valid token proves. */
export interface ProvenIdentity {
  /** In lower case. */
  readonly email: string;
  /** The digest of the signed part in hex. The signature is left out, because it has several valid encodings. */
  readonly tokenSha256: string;
  /** The token is refused from this time on. */
  readonly expiresAt: Date;
}

export interface IdTokens {
  /**
   * Checks issuer, audience, authorized party, signature, times, the nonce if one is given, and that the email address
   * is verified, or belongs to a trusted domain if the token does not say whether it is verified.
   * @param browser whether a web page sent the token. A token with a nonce is then accepted only together with this nonce, so
   * that nobody can be signed in with a stolen token.
   * @returns null for an invalid token
   * @throws IssuerUnavailable
   */
  verify(idToken: string, nonce: string | undefined, options?: { browser: boolean }): Promise<ProvenIdentity | null>;
}

export interface IdTokensOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** In lower case. An address in one of these domains needs no `email_verified`. Default: none. */
  readonly trustedEmailDomains?: readonly string[];
  /** Called with the reason when a token that the issuer signed is refused. Such a token shows a wrong setting, or an attack. */
  readonly onRefusal?: (reason: string) => void;
  /** The timeout of a request to the issuer. Default: 5,000. */
  readonly timeoutMs?: number;
}

export interface DiscoveredIssuer {
  readonly keysUrl: string;
  /** The address at which a browser exchanges a code. Undefined: the issuer supports no code flow. */
  readonly tokenUrl: string | undefined;
}

/**
 * Reads the discovery document of an issuer.
 * @throws IssuerUnavailable
 */
export async function discoverIssuer(issuer: string, timeoutMs = 5_000): Promise<DiscoveredIssuer> {
  let document: unknown;
  try {
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    document = await response.json();
  } catch (error) {
    throw new IssuerUnavailable(`the issuer ${issuer} does not answer`, { cause: error });
  }
  const found = Discovery.safeParse(document);
  if (!found.success) throw new IssuerUnavailable(`${issuer} has no valid discovery document`);
  if (found.data.issuer !== issuer) {
    const named = JSON.stringify(found.data.issuer.slice(0, 300));
    throw new IssuerUnavailable(
      `the discovery document of ${issuer} names the issuer ${named}: OIDC_ISSUER must match it exactly`,
    );
  }
  return { keysUrl: found.data.jwks_uri, tokenUrl: found.data.token_endpoint };
}

/**
 * Verifies identity tokens of one OpenID Connect issuer. Fetches its keys at the first token, when they are older than ten
 * minutes, and for a token with an unknown key at most every 30 s.
 */
export function createIdTokens(options: IdTokensOptions): IdTokens {
  const { issuer, clientId, trustedEmailDomains = [], timeoutMs: timeout = 5_000 } = options;
  const refuse = (reason: string) => {
    options.onRefusal?.(reason);
    return null;
  };
  let keySet: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  let pausedUntil = 0;
  const pause = () => {
    pausedUntil = Date.now() + pauseMs;
  };
  const assertNotPaused = () => {
    if (Date.now() < pausedUntil) throw new IssuerUnavailable(`the issuer ${issuer} did not answer a moment ago`);
  };
  const discover = async () => {
    assertNotPaused();
    let { keysUrl } = await discoverIssuer(issuer, timeout).catch((error: unknown) => {
      pause();
      throw error;
    });
    let isFirst = true;
    return createRemoteJWKSet(new URL(keysUrl), {
      timeoutDuration: timeout,
      cooldownDuration: 30_000,
      // jose's own pause applies only after successful requests.
      [customFetch]: async (_, request) => {
        assertNotPaused();
        // The issuer may have moved its keys. If it does not say so, they are expected where they were.
        const found = isFirst ? null : await discoverIssuer(issuer, timeout / 2).catch(() => null);
        keysUrl = found?.keysUrl ?? keysUrl;
        isFirst = false;
        return fetch(keysUrl, request);
      },
    });
  };
  const keys = () => {
    keySet ??= discover().catch((error: unknown) => {
      keySet = undefined;
      throw error;
    });
    return keySet;
  };
  return {
    verify: async (idToken, nonce, { browser } = { browser: false }) => {
      try {
        const { payload, protectedHeader } = await jwtVerify(idToken, await keys(), {
          issuer,
          audience: clientId,
          algorithms: ['RS256', 'PS256', 'ES256'],
          requiredClaims: ['exp', 'iat', 'sub'],
          clockTolerance: clockToleranceS,
        });
        if (isOfAnotherType(protectedHeader.typ)) return refuse('it is a token for another purpose');
        const claims = IdTokenClaims.safeParse(payload);
        if (!claims.success) return refuse(`${claims.error.issues[0]?.path.join('.')} is missing or has another value`);
        const { email_verified, nonce: tokenNonce } = claims.data;
        if ((nonce !== undefined || browser) && tokenNonce !== nonce) return refuse('it has another nonce');
        if (!isAuthorizedParty(claims.data, clientId)) return refuse('it was issued to another client');
        const email = claims.data.email.toLowerCase();
        if (email_verified === undefined && !isInDomain(email, trustedEmailDomains))
          return refuse(
            'email_verified is missing, and the domain of the address is not in OIDC_TRUSTED_EMAIL_DOMAINS',
          );
        return {
          email,
          tokenSha256: hash('sha256', idToken.slice(0, idToken.lastIndexOf('.')), 'hex'),
          expiresAt: new Date((claims.data.exp + clockToleranceS) * 1000),
        };
      } catch (error) {
        if (isFaultOfIssuer(error)) {
          pause();
          throw new IssuerUnavailable('the issuer does not return its keys', { cause: error });
        }
        // Claims are checked after the signature.
        if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
          return refuse(error.message);
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** OpenID Connect Core 3.1.3.7: a token for several audiences must name this client as the authorized party. */
function isAuthorizedParty({ azp, aud }: z.output<typeof IdTokenClaims>, clientId: string): boolean {
  if (azp !== undefined) return azp === clientId;
  return !Array.isArray(aud) || aud.length === 1;
}

/** Whether the header says that a token is no identity token, for example `at+jwt` of an access token (RFC 9068). */
function isOfAnotherType(type: string | undefined): boolean {
  return type?.toLowerCase().endsWith('+jwt') ?? false;
}

function isInDomain(email: string, domains: readonly string[]): boolean {
  return domains.includes(email.slice(email.lastIndexOf('@') + 1));
}

/** Whether the key set could not be fetched or read. jose throws a plain error for a bad answer, and rethrows errors of `fetch`. */
function isFaultOfIssuer(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error instanceof TypeError)
    return true;
  return (
    error instanceof errors.JOSEError && /Expected 200 OK|Failed to parse the JSON Web Key Set/.test(error.message)
  );
}
