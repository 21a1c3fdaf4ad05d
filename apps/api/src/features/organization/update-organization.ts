import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { organizationReply } from './organization-reply.ts';

export const updateOrganization: Handler<Routes['updateOrganization']> = async ({ body, principal, org }) => {
  const [organization, usage] = await org.transact(async (tx) => [
    await core.updateOrganization(tx, body, principal),
    await core.getUsage(tx),
  ]);
  return { status: 200, body: organizationReply(organization, usage) };
};
