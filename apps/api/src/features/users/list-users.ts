import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { userReply } from './user-reply.ts';

export const listUsers: Handler<Routes['listUsers']> = async ({ query, org }) => {
  const { items, total } = await org.read((tx) => core.listUsers(tx, query));
  return { status: 200, body: { items: items.map(userReply), total } };
};
