import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { organizationReply } from './organization-reply.ts';

export const getOrganization: Handler<Routes['getOrganization']> = async ({ org }) => {
  const [organization, usage] = await org.read((tx) => Promise.all([core.getOrganization(tx), core.getUsage(tx)]));
  return { status: 200, body: organizationReply(organization, usage) };
};
