import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const listInvitations: Handler<Routes['listInvitations']> = async ({ principal, org }, { store }) => {
  const invitations = await core.listInvitations(store, org, principal.id);
  const items = invitations.map(({ userId, orgId, orgName, role }) => ({
    id: userId,
    org_id: orgId,
    org_name: orgName,
    role,
  }));
  return { status: 200, body: { items } };
};
