import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { sessionReply } from './session-reply.ts';

export const updateSession: Handler<Routes['updateSession']> = async (
  { params, body, principal, org },
  { objects },
) => {
  const change = {
    status: body.status,
    completedAt: body.completed_at === undefined ? undefined : new Date(body.completed_at),
    abandonedAt: body.abandoned_at === undefined ? undefined : new Date(body.abandoned_at),
  };
  const outcome = await org.transact((tx) => core.updateSession(tx, params.session_id, change, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: await sessionReply(outcome.session, objects) };
};
