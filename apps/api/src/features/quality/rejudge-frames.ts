import type { Routes } from '@spinbay/contracts';
import { requestRejudgement } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { rejudgementReply } from './rejudgement-reply.ts';

export const rejudgeFrames: Handler<Routes['rejudgeFrames']> = async ({ principal, org }) => ({
  status: 202,
  body: { rejudgement: rejudgementReply(await org.transact((tx) => requestRejudgement(tx, principal))) },
});
