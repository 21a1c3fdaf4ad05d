import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const eraseUser: Handler<Routes['eraseUser']> = async ({ params, principal, org }) => {
  const outcome = await org.transact((tx) => core.eraseUser(tx, params.user_id, principal));
  return isFailure(outcome) ? outcome : { status: 204, body: null };
};
