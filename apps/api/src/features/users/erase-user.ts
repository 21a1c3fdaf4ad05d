import { isFailure, type Routes } from '@spinbay/contracts';
import { eraseUser as erase } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const eraseUser: Handler<Routes['eraseUser']> = async ({ params, principal, org }) => {
  const outcome = await org.transact((tx) => erase(tx, params.user_id, principal));
  return isFailure(outcome) ? outcome : { status: 204, body: null };
};
