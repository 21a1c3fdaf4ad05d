import { z } from 'zod';
import { admins, everyone } from './claims.ts';
import { Erasure, erasureQuery } from './erasure.ts';
import { SiteId, VehicleId } from './ids.ts';
import { defineRoute } from './route.ts';
import { lineOfText } from './text.ts';
import { VehicleWarning, Vin } from './vin.ts';

/** A stock number, normalized to upper case and single spaces, so that different spellings of a number are equal. */
export const StockNumber = lineOfText(64).overwrite((text) => text.replace(/\s+/g, ' ').toUpperCase());

export const VehicleInput = z
  .object({ vin: Vin.optional(), stock: StockNumber.optional() })
  .refine((v) => v.vin !== undefined || v.stock !== undefined, 'a VIN or a stock number is needed');

export const Vehicle = z
  .object({
    id: VehicleId,
    vin: z.string().nullable(),
    stock: z.string().nullable(),
    warnings: z
      .array(VehicleWarning)
      .meta({ description: 'what a person should check, e.g. a VIN with a wrong check digit' }),
    also_at: z
      .array(z.object({ vehicle_id: VehicleId, site_id: SiteId, site_name: z.string() }))
      .optional()
      .meta({ description: 'other sites, among those that you may see, that have a vehicle with the same VIN' }),
  })
  .meta({ id: 'Vehicle' });
export type Vehicle = z.output<typeof Vehicle>;

const params = z.object({ vehicle_id: VehicleId });

export const vehicleRoutes = {
  updateVehicle: defineRoute({
    method: 'PATCH',
    path: '/vehicles/:vehicle_id',
    summary:
      'Correct the VIN and stock number of a vehicle; devices and operators can do so only during their own active session of it',
    access: everyone,
    params,
    body: z
      .object({
        vin: Vin.nullable().optional().meta({ description: 'null: unknown' }),
        stock: StockNumber.nullable().optional().meta({ description: 'null: none' }),
      })
      .refine((body) => body.vin !== undefined || body.stock !== undefined, 'name a VIN or a stock number')
      .refine((body) => body.vin !== null || body.stock !== null, 'a vehicle must keep a VIN or a stock number')
      .meta({ id: 'UpdateVehicleBody' }),
    replies: { 200: Vehicle },
    errors: ['validation_failed', 'vehicle_not_found', 'vehicle_conflict', 'own_session_required'],
  }),
  eraseVehicle: defineRoute({
    method: 'DELETE',
    path: '/vehicles/:vehicle_id',
    summary:
      'Erase a vehicle with all its sessions and photos: hidden immediately, deleted permanently after the time in the reply',
    access: admins,
    params,
    query: erasureQuery,
    replies: { 202: Erasure },
    errors: ['vehicle_not_found', 'erasure_unconfirmed'],
  }),
  restoreVehicle: defineRoute({
    method: 'POST',
    path: '/vehicles/:vehicle_id/restore',
    summary: 'Restore an erased vehicle and the sessions erased with it, before they are deleted permanently',
    access: admins,
    params,
    replies: { 200: Vehicle },
    errors: ['vehicle_not_found', 'vehicle_conflict'],
  }),
};
