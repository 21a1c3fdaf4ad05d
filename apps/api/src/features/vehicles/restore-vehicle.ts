import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { vehicleReply } from './vehicle-reply.ts';

export const restoreVehicle: Handler<Routes['restoreVehicle']> = async ({ params, principal, org }) => {
  const outcome = await org.transact((tx) => core.restoreVehicle(tx, params.vehicle_id, principal));
  return isFailure(outcome) ? outcome : { status: 200, body: vehicleReply(outcome.vehicle) };
};
