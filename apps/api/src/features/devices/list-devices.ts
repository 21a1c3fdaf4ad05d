import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { deviceReply } from './device-reply.ts';

export const listDevices: Handler<Routes['listDevices']> = async ({ query, org }) => {
  const { items, total } = await org.read((tx) => core.listDevices(tx, query));
  return { status: 200, body: { items: items.map(deviceReply), total } };
};
