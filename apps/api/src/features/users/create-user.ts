import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { userReply } from './user-reply.ts';

export const createUser: Handler<Routes['createUser']> = async ({ body, principal, org }) => {
  const { email, name, role, site_ids: siteIds } = body;
  const outcome = await org.transact((tx) => core.createUser(tx, { email, name, role, siteIds }, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 201, body: userReply(outcome.user) };
};
