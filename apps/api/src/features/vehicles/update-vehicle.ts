import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { vehicleReply } from './vehicle-reply.ts';

export const updateVehicle: Handler<Routes['updateVehicle']> = async ({ params, body, principal, org }) => {
  const outcome = await org.transact((tx) => core.updateVehicle(tx, params.vehicle_id, body, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: vehicleReply(outcome.vehicle) };
};
