import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { organizationReply } from './organization-reply.ts';

export const getOrganization: Handler<Routes['getOrganization']> = async ({ org }) => ({
  status: 200,
  body: organizationReply(await org.read((tx) => core.getOrganization(tx))),
});
