import { isFailure, type Routes } from '@spinbay/contracts';
import { changeUser } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { userReply } from './user-reply.ts';

export const updateUser: Handler<Routes['updateUser']> = async ({ params, body, principal, org }) => {
  const { name, role, site_ids: siteIds, disabled } = body;
  const change = { name, role, siteIds, disabled };
  const outcome = await org.transact((tx) => changeUser(tx, params.user_id, change, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: userReply(outcome.user) };
};
