import { hash } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';
import { z } from 'zod';

/** The issuer did not return valid documents. This says nothing about the token. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

/** The minimum pause after a failed request to the issuer, so that many tokens do not cause many requests. */
const pauseMs = 1_000;

/** The tolerated difference between the issuer's clock and ours, in seconds. */
const clockToleranceS = 30;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const IdTokenClaims = z.object({
  email: z.email().max(320),
  email_verified: z.union([z.literal(true), z.literal('true')]),
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
   * is verified.
   * @param browser whether a web page sent the token. A token with a nonce is then accepted only together with this nonce, so
   * that nobody can be signed in with a stolen token.
   * @returns null for an invalid token
   * @throws IssuerUnavailable
   */
  verify(idToken: string, nonce: string | undefined, options?: { browser: boolean }): Promise<ProvenIdentity | null>;
  /** @throws IssuerUnavailable */
  ready(): Promise<void>;
}

/** Verifies identity tokens of one OpenID Connect issuer. Fetches its keys on demand, and for unknown ones at most every 30 s. */
export function createIdTokens(options: { issuer: string; clientId: string; timeoutMs?: number }): IdTokens {
  const timeout = options.timeoutMs ?? 5_000;
  let keySet: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  let pausedUntil = 0;
  const failed = (message: string, cause?: unknown) => {
    pausedUntil = Date.now() + pauseMs;
    return new IssuerUnavailable(message, { cause });
  };
  const assertNotPaused = () => {
    if (Date.now() < pausedUntil)
      throw new IssuerUnavailable(`the issuer ${options.issuer} did not answer a moment ago`);
  };
  const discover = async () => {
    assertNotPaused();
    let document: unknown;
    try {
      const response = await fetch(`${options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
        signal: AbortSignal.timeout(timeout),
        redirect: 'error',
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      document = await response.json();
    } catch (error) {
      throw failed(`the issuer ${options.issuer} does not answer`, error);
    }
    const found = Discovery.safeParse(document);
    if (!found.success || found.data.issuer !== options.issuer) {
      throw failed(`${options.issuer} has no discovery document of this issuer: OIDC_ISSUER must match it exactly`);
    }
    return createRemoteJWKSet(new URL(found.data.jwks_uri), {
      timeoutDuration: timeout,
      cooldownDuration: 30_000,
      // jose's own pause applies only after successful requests.
      [customFetch]: async (url, request) => {
        assertNotPaused();
        return fetch(url, request);
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
    ready: async () => {
      await keys();
    },
    verify: async (idToken, nonce, { browser } = { browser: false }) => {
      try {
        const { payload } = await jwtVerify(idToken, await keys(), {
          issuer: options.issuer,
          audience: options.clientId,
          algorithms: ['RS256', 'PS256', 'ES256'],
          requiredClaims: ['exp', 'iat', 'sub'],
          clockTolerance: clockToleranceS,
        });
        const claims = IdTokenClaims.safeParse(payload);
        if (!claims.success) return null;
        if ((nonce !== undefined || browser) && claims.data.nonce !== nonce) return null;
        if (!isAuthorizedParty(claims.data, options.clientId)) return null;
        return {
          email: claims.data.email.toLowerCase(),
          tokenSha256: hash('sha256', idToken.slice(0, idToken.lastIndexOf('.')), 'hex'),
          expiresAt: new Date((claims.data.exp + clockToleranceS) * 1000),
        };
      } catch (error) {
        if (isFaultOfIssuer(error)) throw failed('the issuer does not return its keys', error);
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** OpenID Connect Core 3.1.3.7: a token for several audiences must name us as the authorized party. */
function isAuthorizedParty({ azp, aud }: z.output<typeof IdTokenClaims>, clientId: string): boolean {
  if (azp !== undefined) return azp === clientId;
  return !Array.isArray(aud) || aud.length === 1;
}

/** Whether the key set could not be fetched or read. jose throws a plain error for a bad answer, and rethrows errors of `fetch`. */
function isFaultOfIssuer(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error instanceof TypeError)
    return true;
  return (
    error instanceof errors.JOSEError && /Expected 200 OK|Failed to parse the JSON Web Key Set/.test(error.message)
  );
}
