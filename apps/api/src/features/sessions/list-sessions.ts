import type { Routes } from '@spinbay/contracts';
import { listSessions as readSessions } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { sessionReply } from './session-reply.ts';

export const listSessions: Handler<Routes['listSessions']> = async ({ query, org }, { objects }) => {
  const filter = { siteId: query.site_id, status: query.status, vehicleId: query.vehicle_id };
  const { items, total } = await org.read((tx) => readSessions(tx, filter, query));
  return { status: 200, body: { items: await Promise.all(items.map((row) => sessionReply(row, objects))), total } };
};
