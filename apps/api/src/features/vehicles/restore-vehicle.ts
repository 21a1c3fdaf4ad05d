import { isFailure, type Routes } from '@spinbay/contracts';
import { restoreVehicle as restore } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { vehicleReply } from './vehicle-reply.ts';

export const restoreVehicle: Handler<Routes['restoreVehicle']> = async ({ params, principal, org }) => {
  const outcome = await org.transact((tx) => restore(tx, params.vehicle_id, principal));
  return isFailure(outcome) ? outcome : { status: 200, body: vehicleReply(outcome.vehicle) };
};
