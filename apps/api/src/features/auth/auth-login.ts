import { fail, isFailure, type Routes } from '@spinbay/contracts';
import { findMemberships, type Membership, openMemberships, refuseSignIn, signInUser } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const authLogin: Handler<Routes['authLogin']> = async ({ body, browser, log }, { store, tokens, idTokens }) => {
  const identity = await idTokens.verify(body.id_token, body.nonce, { browser });
  if (identity === null) return fail('invalid_id_token');
  const memberships = await findMemberships(store, identity.email);
  const isAsked = ({ orgId }: Membership) => body.org_id === undefined || orgId === body.org_id;
  const open = openMemberships(memberships).filter(isAsked);
  const [membership, another] = open;
  if (membership === undefined) {
    log.warn({ code: 'user_not_in_org' }, 'a sign-in was refused');
    const ended = memberships.filter((one) => isAsked(one) && one.disabled && one.invitation !== 'refused');
    for (const disabled of ended) await refuseSignIn(store, disabled);
    return fail('user_not_in_org', ended.length > 0 ? 'An administrator has ended your access.' : undefined);
  }
  if (another !== undefined) {
    const organizations = open
      .map(({ orgId, orgName }) => ({ org_id: orgId, name: orgName }))
      .sort((a, b) => a.name.localeCompare(b.name));
    return { ...fail('org_choice_required'), organizations };
  }
  const user = await signInUser(store, membership, identity);
  if (isFailure(user)) return user;
  const { token, expiresAt } = await tokens.forUser({
    id: user.userId,
    orgId: user.orgId,
    siteIds: user.siteIds,
    role: user.role,
    tokenGeneration: user.tokenGeneration,
  });
  return {
    status: 200,
    body: {
      token,
      expires_at: expiresAt.toISOString(),
      user: {
        id: user.userId,
        email: user.email,
        name: user.name,
        role: user.role,
        org_id: user.orgId,
        org_name: user.orgName,
        site_ids: user.siteIds,
      },
    },
  };
};
