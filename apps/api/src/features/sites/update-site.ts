import { isFailure, type Routes } from '@spinbay/contracts';
import { renameSite } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { siteReply } from './site-reply.ts';

export const updateSite: Handler<Routes['updateSite']> = async ({ params, body, principal, org }) => {
  const outcome = await org.transact((tx) => renameSite(tx, params.site_id, body.name, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: siteReply(outcome.site) };
};
