import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { sessionReply } from './session-reply.ts';

export const restoreSession: Handler<Routes['restoreSession']> = async ({ params, principal, org }, { objects }) => {
  const outcome = await org.transact((tx) => core.restoreSession(tx, params.session_id, principal));
  return isFailure(outcome) ? outcome : { status: 200, body: await sessionReply(outcome.session, objects) };
};
