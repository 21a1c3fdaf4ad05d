import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { deviceReply } from './device-reply.ts';

export const blockDevice: Handler<Routes['blockDevice']> = async ({ params, principal, org }) => {
  const outcome = await org.transact((tx) => core.blockDevice(tx, params.device_id, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: deviceReply(outcome.device) };
};
