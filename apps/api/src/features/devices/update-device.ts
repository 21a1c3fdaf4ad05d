import { isFailure, type Routes } from '@spinbay/contracts';
import { changeDevice } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { deviceReply } from './device-reply.ts';

export const updateDevice: Handler<Routes['updateDevice']> = async ({ params, body, principal, org }) => {
  const change = { name: body.name, siteIds: body.site_ids };
  const outcome = await org.transact((tx) => changeDevice(tx, params.device_id, change, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: deviceReply(outcome.device) };
};
