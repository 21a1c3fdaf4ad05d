import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { siteReply } from './site-reply.ts';

export const createSite: Handler<Routes['createSite']> = async ({ body, principal, org }) => {
  const outcome = await org.transact((tx) => core.createSite(tx, body.name, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 201, body: siteReply(outcome.site) };
};
