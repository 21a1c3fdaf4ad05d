import { hash } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';
import { z } from 'zod';

/** The issuer did not answer, or not with a discovery document: nothing is known about the token. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

/** After an answer that was none, the issuer is not asked again for so long: many tokens are not many questions. */
const pauseMs = 1_000;

/** How far the issuer's clock may be from ours, in seconds. */
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

/** What a good identity token proves. */
export interface ProvenIdentity {
  /** In lower case. */
  readonly email: string;
  /** Of what was signed, in hex: the same signature can be written in several ways. */
  readonly tokenSha256: string;
  /** From then on the token is refused for its age. */
  readonly expiresAt: Date;
}

export interface IdTokens {
  /**
   * Checks issuer, audience, authorized party, signature, times, the nonce where one was given, and that the email address
   * was verified.
   * @param browser a page sent it: then it has to know the nonce, so that nobody is signed in with somebody else's token
   * @returns null for a token that is not to be trusted
   * @throws IssuerUnavailable
   */
  verify(idToken: string, nonce: string | undefined, options?: { browser: boolean }): Promise<ProvenIdentity | null>;
  /** @throws IssuerUnavailable */
  ready(): Promise<void>;
}

/** Verifies identity tokens of one OpenID Connect issuer; its keys are fetched when needed, and at most every 30 s for unknown ones. */
export function createIdTokens(options: { issuer: string; clientId: string; timeoutMs?: number }): IdTokens {
  const timeout = options.timeoutMs ?? 5_000;
  let keySet: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  let pausedUntil = 0;
  const failed = (message: string, cause?: unknown) => {
    pausedUntil = Date.now() + pauseMs;
    return new IssuerUnavailable(message, { cause });
  };
  const assertNotPaused = () => {
    if (Date.now() < pausedUntil) throw new IssuerUnavailable(`the issuer ${options.issuer} did not answer just now`);
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
      throw failed(`${options.issuer} has no discovery document of this issuer: is OIDC_ISSUER right, to the letter?`);
    }
    return createRemoteJWKSet(new URL(found.data.jwks_uri), {
      timeoutDuration: timeout,
      cooldownDuration: 30_000,
      // Its own pause comes after good answers only.
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
        if (isFaultOfIssuer(error)) throw failed('the issuer does not give its keys', error);
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** OpenID Connect Core 3.1.3.7: a token for several audiences names the client that asked for it, and then it is us. */
function isAuthorizedParty({ azp, aud }: z.output<typeof IdTokenClaims>, clientId: string): boolean {
  if (azp !== undefined) return azp === clientId;
  return !Array.isArray(aud) || aud.length === 1;
}

/** Its key set could not be fetched or read. jose has a plain error for a bad answer, and passes on what `fetch` throws. */
function isFaultOfIssuer(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error instanceof TypeError)
    return true;
  return (
    error instanceof errors.JOSEError && /Expected 200 OK|Failed to parse the JSON Web Key Set/.test(error.message)
  );
}
