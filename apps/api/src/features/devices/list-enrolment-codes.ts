import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { enrolmentCodeReply } from './enrolment-code-reply.ts';

export const listEnrolmentCodes: Handler<Routes['listEnrolmentCodes']> = async ({ query, org }) => {
  const { items, total } = await org.read((tx) => core.listEnrolmentCodes(tx, query));
  return { status: 200, body: { items: items.map(enrolmentCodeReply), total } };
};
