import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { erasureReply, undoUntil } from '../organization/erasure-reply.ts';

export const eraseSession: Handler<Routes['eraseSession']> = async ({ params, query, principal, org }, deps) => {
  const options = { eraseAfter: undoUntil(deps), confirmed: query.confirm };
  const outcome = await org.transact((tx) => core.eraseSession(tx, params.session_id, options, principal));
  return isFailure(outcome) ? outcome : { status: 202, body: erasureReply(outcome.erasure) };
};
