import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { rejudgementReply } from './rejudgement-reply.ts';

export const getRejudgement: Handler<Routes['getRejudgement']> = async ({ org }) => {
  const row = await org.read((tx) => core.getRejudgement(tx));
  return { status: 200, body: { rejudgement: row === undefined ? null : rejudgementReply(row) } };
};
