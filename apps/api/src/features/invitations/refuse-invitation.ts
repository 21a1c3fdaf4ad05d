import { isFailure, type Routes } from '@spinbay/contracts';
import { answerInvitation } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const refuseInvitation: Handler<Routes['refuseInvitation']> = async ({ params, principal, org }, { store }) => {
  const outcome = await answerInvitation(store, org, principal.id, params.invitation_id, 'refused');
  return isFailure(outcome) ? outcome : { status: 204, body: null };
};
