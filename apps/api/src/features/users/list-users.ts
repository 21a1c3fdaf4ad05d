import type { Routes } from '@spinbay/contracts';
import { listUsers as readUsers } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { userReply } from './user-reply.ts';

export const listUsers: Handler<Routes['listUsers']> = async ({ query, org }) => {
  const { items, total } = await org.read((tx) => readUsers(tx, query));
  return { status: 200, body: { items: items.map(userReply), total } };
};
