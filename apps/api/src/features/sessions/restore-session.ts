import { isFailure, type Routes } from '@spinbay/contracts';
import { restoreSession as restore } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { sessionReply } from './session-reply.ts';

export const restoreSession: Handler<Routes['restoreSession']> = async ({ params, principal, org }, { objects }) => {
  const outcome = await org.transact((tx) => restore(tx, params.session_id, principal));
  return isFailure(outcome) ? outcome : { status: 200, body: await sessionReply(outcome.session, objects) };
};
