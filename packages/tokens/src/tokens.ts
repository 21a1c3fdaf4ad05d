import { randomUUID } from 'node:crypto';
import {
  Claims,
  type DeviceId,
  type OrgId,
  type Role,
  type SiteId,
  tokenLifetime,
  type UserId,
  type UserRole,
} from '@spinbay/contracts';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { SigningKeys } from './signing-keys.ts';

const audience = 'spinbay';

/** The maximum length of a token, in characters. The server's header limit must exceed it. */
export const maxTokenLength = 32_768;

/** A device that calls the API, as its verified token describes it. */
export type DevicePrincipal = {
  readonly type: 'device';
  readonly id: DeviceId;
  readonly orgId: OrgId;
  readonly role: 'device';
  readonly sites: 'all';
};
/** A person who calls the API, as their verified token describes them. */
export type UserPrincipal = {
  readonly type: 'user';
  readonly id: UserId;
  readonly orgId: OrgId;
  readonly role: UserRole;
  readonly sites: readonly SiteId[];
  /** The id of the token. Absent in tokens that were issued before this claim existed. */
  readonly tokenId?: string | undefined;
  /** Tokens of earlier generations than the person's current one are revoked. */
  readonly tokenGeneration: number;
};
export type Principal = DevicePrincipal | UserPrincipal;

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

export interface Tokens {
  forDevice(device: { id: DeviceId; orgId: OrgId }): Promise<IssuedToken>;
  forUser(user: {
    id: UserId;
    orgId: OrgId;
    siteIds: readonly SiteId[];
    role: UserRole;
    /** Default: 0, the generation of a person who has never signed out everywhere. */
    tokenGeneration?: number;
  }): Promise<IssuedToken>;
  /** @returns null unless it is a valid token of this issuer */
  verify(token: string): Promise<Principal | null>;
}

/** Issues and verifies Spinbay tokens (RS256). @param issuer the address of this API */
export function createTokens(keys: SigningKeys, issuer: string): Tokens {
  const keyOf = async ({ kid }: { kid?: string }) => {
    const key = kid === undefined ? null : await keys.find(kid);
    if (key === null) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  const sign = async (
    subject: string,
    claims: Record<string, unknown> & { role: Role },
    lifetime: number,
  ): Promise<IssuedToken> => {
    const { kid, privateKey } = keys.signing();
    const issuedAt = Math.floor(Date.now() / 1000);
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
      .setSubject(subject)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetime)
      .sign(privateKey);
    return { token, expiresAt: new Date((issuedAt + lifetime) * 1000) };
  };
  return {
    forDevice: ({ id, orgId }) => sign(id, { device_id: id, org_id: orgId, role: 'device' }, tokenLifetime.device),
    forUser: ({ id, orgId, siteIds, role, tokenGeneration = 0 }) =>
      sign(
        id,
        {
          user_id: id,
          org_id: orgId,
          site_ids: [...siteIds],
          role,
          jti: randomUUID(),
          token_generation: tokenGeneration,
        },
        tokenLifetime.user,
      ),
    verify: async (token) => {
      // At 52 characters per site, this allows about 600 sites. Longer tokens are rejected before they are parsed.
      if (token.length > maxTokenLength) return null;
      try {
        const { payload } = await jwtVerify(token, keyOf, {
          algorithms: ['RS256'],
          issuer,
          audience,
          requiredClaims: ['exp', 'iat', 'sub'],
        });
        return principalOf(payload);
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

function principalOf(payload: unknown): Principal | null {
  const claims = Claims.safeParse(payload);
  if (!claims.success) return null;
  const c = claims.data;
  if (c.role === 'device') return { type: 'device', id: c.device_id, orgId: c.org_id, role: 'device', sites: 'all' };
  return {
    type: 'user',
    id: c.user_id,
    orgId: c.org_id,
    role: c.role,
    sites: c.site_ids,
    tokenId: c.jti,
    tokenGeneration: c.token_generation,
  };
}
