import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const deleteShotList: Handler<Routes['deleteShotList']> = async ({ params, principal, org }) => {
  const outcome = await org.transact((tx) => core.deleteShotList(tx, params.shot_list_id, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 204, body: null };
};
