import type { Routes } from '@spinbay/contracts';
import { getRejudgement as readRejudgement } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { rejudgementReply } from './rejudgement-reply.ts';

export const getRejudgement: Handler<Routes['getRejudgement']> = async ({ org }) => {
  const row = await org.read((tx) => readRejudgement(tx));
  return { status: 200, body: { rejudgement: row === undefined ? null : rejudgementReply(row) } };
};
