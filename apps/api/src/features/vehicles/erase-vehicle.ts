import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { erasureReply, undoUntil } from '../organization/erasure-reply.ts';

export const eraseVehicle: Handler<Routes['eraseVehicle']> = async ({ params, query, principal, org }, deps) => {
  const options = { eraseAfter: undoUntil(deps), confirmed: query.confirm };
  const outcome = await org.transact((tx) => core.eraseVehicle(tx, params.vehicle_id, options, principal));
  return isFailure(outcome) ? outcome : { status: 202, body: erasureReply(outcome.erasure) };
};
