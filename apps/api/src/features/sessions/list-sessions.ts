import { type Routes, sessionCursor } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { sessionReply } from './session-reply.ts';

export const listSessions: Handler<Routes['listSessions']> = async ({ query, org }, { objects }) => {
  const filter = {
    siteId: query.site_id,
    status: query.status,
    mode: query.mode,
    vehicleId: query.vehicle_id,
    q: query.q,
  };
  const page = { limit: query.limit, offset: query.offset, after: query.cursor };
  const { items, total, next } = await org.read((tx) => core.listSessions(tx, filter, page));
  return {
    status: 200,
    body: {
      items: await Promise.all(items.map((row) => sessionReply(row, objects))),
      ...(total === undefined ? {} : { total }),
      next_cursor: next && sessionCursor(next),
    },
  };
};
