import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { shotListReply } from './shot-list-reply.ts';

export const listShotLists: Handler<Routes['listShotLists']> = async ({ org }) => {
  const lists = await org.read((tx) => core.listShotLists(tx));
  return { status: 200, body: { items: lists.map(shotListReply) } };
};
