import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { shotListReply } from './shot-list-reply.ts';

export const replaceShotList: Handler<Routes['replaceShotList']> = async ({ params, body, principal, org }) => {
  const outcome = await org.transact((tx) => core.replaceShotList(tx, params.shot_list_id, body, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: shotListReply(outcome.list) };
};
