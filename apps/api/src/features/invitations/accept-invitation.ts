import { isFailure, type Routes } from '@spinbay/contracts';
import { answerInvitation } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const acceptInvitation: Handler<Routes['acceptInvitation']> = async ({ params, principal, org }, { store }) => {
  const outcome = await answerInvitation(store, org, principal.id, params.invitation_id, 'accepted');
  return isFailure(outcome) ? outcome : { status: 204, body: null };
};
