import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { organizationReply } from './organization-reply.ts';

export const updateOrganization: Handler<Routes['updateOrganization']> = async ({ body, principal, org }) => ({
  status: 200,
  body: organizationReply(await org.transact((tx) => core.updateOrganization(tx, body, principal))),
});
