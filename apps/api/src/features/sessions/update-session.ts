import { fail, isFailure, type Routes } from '@spinbay/contracts';
import { updateSession as changeSession } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { sessionReply } from './session-reply.ts';

/**
 * How far the clock of a phone may be ahead of ours, in ms. Behind it may be as far as it likes: a session that was shot
 * without a network starts here when the network is back, later than the phone ended it.
 */
const mostAhead = 24 * 3_600_000;

export const updateSession: Handler<Routes['updateSession']> = async (
  { params, body, principal, org },
  { objects },
) => {
  for (const field of ['completed_at', 'abandoned_at'] as const) {
    if (new Date(body[field] ?? 0).getTime() > Date.now() + mostAhead) {
      const message = 'lies more than a day ahead of the clock of the server';
      return fail('validation_failed', undefined, [{ path: `body.${field}`, message }]);
    }
  }
  const change = {
    status: body.status,
    completedAt: body.completed_at === undefined ? undefined : new Date(body.completed_at),
    abandonedAt: body.abandoned_at === undefined ? undefined : new Date(body.abandoned_at),
  };
  const outcome = await org.transact((tx) => changeSession(tx, params.session_id, change, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: await sessionReply(outcome.session, objects) };
};
